//! Parses the modules of a crate: which file defines which items, and which items each file uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// A parsed crate.
pub(super) struct Crate {
    folder: PathBuf,
    modules: Vec<Module>,
}

struct Module {
    parent: Option<usize>,
    file: PathBuf,
    children: BTreeMap<String, usize>,
    /// The names of the items that the module defines.
    items: BTreeSet<String>,
    /// The names that a `use` brings in, with their paths.
    names: BTreeMap<String, Vec<String>>,
    /// The paths of `use …::*`.
    globs: Vec<Vec<String>>,
    /// The paths that the code mentions. Re-exports do not count as mentions.
    mentions: BTreeSet<Vec<String>>,
}

impl Crate {
    /// Parses the sources in this folder, starting with `lib.rs`. Tests are left out.
    pub(super) fn parse(folder: &Path) -> Self {
        let mut parsed = Self {
            folder: folder.to_owned(),
            modules: Vec::new(),
        };
        parsed.add_file(None, &folder.join("lib.rs"), folder);
        parsed
    }

    fn add_file(&mut self, parent: Option<usize>, file: &Path, folder: &Path) -> usize {
        let text = fs::read_to_string(file).unwrap();
        let parsed =
            syn::parse_file(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        self.add(parent, file, folder, &parsed.items)
    }

    fn add(&mut self, parent: Option<usize>, file: &Path, folder: &Path, items: &[Item]) -> usize {
        let this = self.modules.len();
        self.modules.push(Module {
            parent,
            file: file.to_owned(),
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            names: BTreeMap::new(),
            globs: Vec::new(),
            mentions: BTreeSet::new(),
        });
        for item in items {
            self.add_item(this, file, folder, item);
        }
        this
    }

    fn add_item(&mut self, this: usize, file: &Path, folder: &Path, item: &Item) {
        if is_test(attributes(item)) {
            return;
        }
        match item {
            Item::Mod(module) => {
                let name = module.ident.to_string();
                let inner = folder.join(&name);
                let child = match &module.content {
                    Some((_, items)) => self.add(Some(this), file, &inner, items),
                    None => match path_attribute(&module.attrs) {
                        Some(path) => {
                            let file = file.with_file_name(path);
                            let inner = file.with_extension("");
                            self.add_file(Some(this), &file, &inner)
                        }
                        None => {
                            let beside = folder.join(format!("{name}.rs"));
                            let file = match beside.exists() {
                                true => beside,
                                false => inner.join("mod.rs"),
                            };
                            self.add_file(Some(this), &file, &inner)
                        }
                    },
                };
                self.modules[this].children.insert(name, child);
            }
            Item::Use(item) => {
                let is_private = matches!(item.vis, Visibility::Inherited);
                self.add_use(this, &mut Vec::new(), &item.tree, is_private);
            }
            item => {
                self.modules[this].items.extend(name(item));
                let mut mentions = Mentions(&mut self.modules[this].mentions);
                mentions.visit_item(item);
            }
        }
    }

    fn add_use(&mut self, this: usize, path: &mut Vec<String>, tree: &UseTree, is_private: bool) {
        let module = &mut self.modules[this];
        let (own, name) = match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.add_use(this, path, &tree.tree, is_private);
                path.pop();
                return;
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(this, path, tree, is_private);
                }
                return;
            }
            UseTree::Glob(_) => {
                module.globs.push(path.clone());
                return;
            }
            UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
            UseTree::Rename(name) => (name.ident.to_string(), name.rename.to_string()),
        };
        let mut target = path.clone();
        // `use a::{self}` names `a` itself.
        let name = match own == "self" {
            true => path.last().cloned().unwrap_or_default(),
            false => {
                target.push(own);
                name
            }
        };
        if is_private {
            module.mentions.insert(target.clone());
        }
        module.names.insert(name, target);
    }

    /// For each file, the files that define what it uses.
    pub(super) fn uses(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut uses = BTreeMap::<_, BTreeSet<_>>::new();
        for (at, module) in self.modules.iter().enumerate() {
            let from = self.relative(&module.file);
            let used = module.mentions.iter();
            let used = used.filter_map(|path| self.resolve(at, path, 0));
            let used = used.map(|found| self.relative(&self.modules[found].file));
            let used: BTreeSet<_> = used.filter(|to| *to != from).collect();
            uses.entry(from).or_default().extend(used);
        }
        uses
    }

    fn relative(&self, file: &Path) -> String {
        let path = file.strip_prefix(&self.folder).unwrap_or(file);
        path.to_string_lossy().into_owned()
    }

    /// The module that defines what a path names, seen from a module. `None` for other crates.
    fn resolve(&self, from: usize, path: &[String], depth: u32) -> Option<usize> {
        // The depth is bounded, because globs may lead in a circle.
        if depth > 20 {
            return None;
        }
        let (mut at, mut rest) = (from, path);
        loop {
            let (first, after) = rest.split_first()?;
            match first.as_str() {
                "crate" => at = 0,
                "self" => {}
                "super" => at = self.modules[at].parent?,
                _ => break,
            }
            rest = after;
        }
        while let Some((name, after)) = rest.split_first() {
            let module = &self.modules[at];
            if let Some(child) = module.children.get(name) {
                (at, rest) = (*child, after);
            } else if module.items.contains(name) {
                return Some(at);
            } else {
                let through = |target: &Vec<String>, rest: &[String]| {
                    let path = [target.as_slice(), rest].concat();
                    // A `use` of another crate must not resolve to a module of the same name here.
                    self.resolve(at, &path, depth + 1)
                };
                if let Some(target) = module.names.get(name) {
                    return through(target, after);
                }
                return module.globs.iter().find_map(|glob| through(glob, rest));
            }
        }
        Some(at)
    }
}

/// Collects the paths in the code.
struct Mentions<'a>(&'a mut BTreeSet<Vec<String>>);

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        self.0
            .insert(segments.map(|one| one.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|one| match &one.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(path),
                ..
            }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Whether an item with these attributes is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| {
        one.path().is_ident("cfg")
            && one
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
