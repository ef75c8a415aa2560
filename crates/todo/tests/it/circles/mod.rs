//! Checks that no file and no folder of the libraries and the service depends on itself through
//! others.
//!
//! Re-exports are followed: a use counts as a use of the file that defines the item.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use self::modules::Crate;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The allowed circles: the crate, the members of the circle, and the reason.
const EXCUSED: &[(&str, &[&str], &str)] = &[(
    "sabr",
    &["tasks/extract.rs", "tasks/new_task.rs"],
    "a builder and what it builds",
)];

/// The groups of two or more nodes that reach each other. Each group is sorted.
fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reach: BTreeMap<_, _> = graph
        .keys()
        .map(|node| (node, reachable(graph, node)))
        .collect();
    let mut found = BTreeSet::new();
    for (node, reached) in &reach {
        let mutual = reached.iter().filter(|other| {
            let back = reach.get(other);
            *other != *node && back.is_some_and(|back| back.contains(*node))
        });
        let mut group: Vec<String> = mutual.cloned().collect();
        if !group.is_empty() {
            group.push((*node).clone());
            group.sort();
            found.insert(group);
        }
    }
    found.into_iter().collect()
}

fn reachable(graph: &Graph, from: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(node) = open.pop() {
        for next in graph.get(&node).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

/// The graph of the entries of one folder. Each file and each subfolder is one node.
fn entries(files: &Graph, folder: &str) -> Graph {
    let entry = |file: &str| {
        let inside = file.strip_prefix(folder)?;
        let name = inside.split_inclusive('/').next()?;
        Some(format!("{folder}{name}"))
    };
    let mut graph = Graph::new();
    for (file, uses) in files {
        let Some(from) = entry(file) else { continue };
        let uses = uses.iter().filter_map(|used| entry(used));
        let uses: BTreeSet<_> = uses.filter(|to| *to != from).collect();
        graph.entry(from).or_default().extend(uses);
    }
    graph
}

/// For each member of a circle, the members that it uses.
fn edges(graph: &Graph, circle: &[String]) -> Vec<String> {
    let members = circle.iter().map(|from| {
        let used = graph.get(from).into_iter().flatten();
        let used: Vec<_> = used.filter(|to| circle.contains(to)).cloned().collect();
        format!("{from} uses {}", used.join(", "))
    });
    members.collect()
}

fn folders(files: &Graph) -> BTreeSet<String> {
    let ends = |file: &String| -> Vec<String> {
        let ends = file.match_indices('/');
        ends.map(|(at, _)| file[..=at].to_owned()).collect()
    };
    let mut folders: BTreeSet<_> = files.keys().flat_map(ends).collect();
    folders.insert(String::new());
    folders
}

#[test]
fn nothing_depends_on_itself_through_others() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(crates).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !path.join("src/lib.rs").exists() {
            continue;
        }
        let files = Crate::parse(&path.join("src")).uses();
        let of_folders = folders(&files).into_iter();
        let graphs = of_folders.map(|folder| entries(&files, &folder));
        for graph in graphs.chain([files.clone()]) {
            for circle in circles(&graph) {
                let edges = edges(&graph, &circle);
                found.insert((name.clone(), circle), edges);
            }
        }
    }
    let excused: BTreeSet<_> = EXCUSED
        .iter()
        .map(|(name, circle, _)| {
            let circle: Vec<_> = circle.iter().map(|&one| one.to_owned()).collect();
            ((*name).to_owned(), circle)
        })
        .collect();
    let new: Vec<_> = found
        .iter()
        .filter(|(one, _)| !excused.contains(one))
        .collect();
    assert!(new.is_empty(), "new circles: {new:#?}");
    let gone: Vec<_> = excused
        .iter()
        .filter(|one| !found.contains_key(one))
        .collect();
    assert!(gone.is_empty(), "excused, but no circles: {gone:#?}");
}

#[test]
fn a_circle_is_found_between_files_and_between_folders() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            let uses = graph.entry((*from).to_owned()).or_default();
            uses.insert((*to).to_owned());
            graph.entry((*to).to_owned()).or_default();
        }
        graph
    };
    let straight = graph(&[("a.rs", "b/x.rs"), ("b/x.rs", "c.rs")]);
    assert!(circles(&straight).is_empty());
    let files = graph(&[("a.rs", "b.rs"), ("b.rs", "c.rs"), ("c.rs", "a.rs")]);
    assert_eq!(circles(&files), [["a.rs", "b.rs", "c.rs"]]);
    // No file depends on itself here, but the folders do.
    let between = graph(&[("a/x.rs", "b/x.rs"), ("b/y.rs", "a/y.rs")]);
    assert!(circles(&between).is_empty());
    assert_eq!(circles(&entries(&between, "")), [["a/", "b/"]]);
}
