//! The recorded file operations of a folder, and what a disk may hold of them after a loss of
//! power.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use crate::random::Random;

/// The files of a folder, with their names and contents.
#[derive(Default)]
pub(super) struct Image(BTreeMap<String, Vec<u8>>);

impl Image {
    pub(super) fn of(folder: &Path) -> Self {
        let files = fs::read_dir(folder).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        });
        Self(files.collect())
    }

    /// Recreates the folder with these files only.
    pub(super) fn restore(&self, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir(folder).unwrap();
        for (name, bytes) in &self.0 {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

/// A record of `disk.c`. The numbers are its kinds.
struct Record {
    kind: u64,
    file: u64,
    offset: u64,
    data: Vec<u8>,
    /// The end of the record in the journal.
    end: u64,
}

const OPEN: u64 = 1;
const MAKE: u64 = 2;
const WRITE: u64 = 3;
const TRUNCATE: u64 = 4;
const SYNC: u64 = 5;
const SYNC_FOLDER: u64 = 6;
const UNLINK: u64 = 7;
const RENAME: u64 = 8;
const LINK: u64 = 9;

/// The smallest unit that a disk writes atomically.
const SECTOR: usize = 512;

pub(super) struct Recording(Vec<Record>);

impl Recording {
    /// Parses a journal up to its last complete record.
    pub(super) fn read(journal: &Path) -> Self {
        let bytes = fs::read(journal).unwrap();
        let (mut records, mut at) = (Vec::new(), 0);
        while let Some(head) = bytes.get(at..at + 32) {
            let field = |n: usize| {
                let field = head[8 * n..8 * n + 8].try_into().unwrap();
                u64::from_ne_bytes(field)
            };
            let length = usize::try_from(field(3)).unwrap();
            let Some(data) = bytes.get(at + 32..at + 32 + length) else {
                break;
            };
            at += 32 + length;
            records.push(Record {
                kind: field(0),
                file: field(1),
                offset: field(2),
                data: data.to_vec(),
                end: at as u64,
            });
        }
        Self(records)
    }

    pub(super) fn end(&self) -> u64 {
        self.0.last().map_or(0, |record| record.end)
    }

    /// The number of writes before a cut that no sync before the cut covers.
    pub(super) fn unsynced(&self, before: &Image, cut: u64) -> usize {
        let disk = self.at(before, cut);
        disk.files.values().map(|file| file.pending.len()).sum()
    }

    /// The content of the disk after a cut. It has all synced data. Each unsynced write is
    /// complete, lost or torn, as on a disk that reorders writes.
    pub(super) fn after_cut(&self, before: &Image, cut: u64, random: &mut Random) -> Image {
        let mut disk = self.at(before, cut);
        if random.below(2) == 0 {
            for file in disk.files.values_mut() {
                for record in std::mem::take(&mut file.pending) {
                    let sectors = record.data.len().div_ceil(SECTOR) as u64;
                    match random.below(3) {
                        0 => {}
                        1 => file.apply(record, record.data.len()),
                        _ => {
                            let kept = usize::try_from(random.below(sectors + 1)).unwrap();
                            file.apply(record, record.data.len().min(kept * SECTOR));
                        }
                    }
                }
            }
            // A file system keeps the order of operations on names.
            let kept = random.below(disk.renames.len() as u64 + 1);
            for record in disk.renames.drain(..usize::try_from(kept).unwrap()) {
                name(&mut disk.names, record);
            }
        }
        let names = disk.names.into_iter();
        // The `-shm` file is shared memory, which does not survive.
        let names = names.filter(|(name, _)| !name.ends_with("-shm"));
        let files = names.map(|(name, file)| (name, disk.files.remove(&file).unwrap().bytes));
        Image(files.collect())
    }

    fn at(&self, before: &Image, cut: u64) -> Disk<'_> {
        let mut disk = Disk::default();
        // Files from before the recording get numbers of their own until they are opened.
        for (n, (name, bytes)) in before.0.iter().enumerate() {
            let number = u64::MAX - n as u64;
            disk.names.insert(name.clone(), number);
            disk.files.insert(number, File::new(bytes.clone()));
        }
        for record in self.0.iter().take_while(|record| record.end <= cut) {
            disk.replay(record);
        }
        disk
    }
}

/// The content of a disk, with the writes that it has received but that were not synced.
#[derive(Default)]
struct Disk<'recording> {
    files: HashMap<u64, File<'recording>>,
    names: BTreeMap<String, u64>,
    renames: Vec<&'recording Record>,
}

struct File<'recording> {
    /// The synced content.
    bytes: Vec<u8>,
    pending: Vec<&'recording Record>,
}

impl<'recording> Disk<'recording> {
    fn replay(&mut self, record: &'recording Record) {
        match record.kind {
            OPEN => self.opened(record),
            MAKE => {
                self.files.insert(record.file, File::new(Vec::new()));
                self.renames.push(record);
            }
            WRITE | TRUNCATE => self.file(record.file).pending.push(record),
            SYNC => {
                let file = self.file(record.file);
                for record in std::mem::take(&mut file.pending) {
                    file.apply(record, record.data.len());
                }
            }
            SYNC_FOLDER => {
                for record in self.renames.drain(..) {
                    name(&mut self.names, record);
                }
            }
            UNLINK | RENAME | LINK => self.renames.push(record),
            other => panic!("a record of kind {other}"),
        }
    }

    /// The first open of a file from before the recording shows which number the file has.
    fn opened(&mut self, record: &Record) {
        if self.files.contains_key(&record.file) {
            return;
        }
        let name = String::from_utf8(record.data.clone()).unwrap();
        let before = self.names.insert(name, record.file).unwrap();
        let file = self.files.remove(&before).unwrap();
        self.files.insert(record.file, file);
    }

    fn file(&mut self, number: u64) -> &mut File<'recording> {
        self.files.get_mut(&number).unwrap()
    }
}

impl File<'_> {
    fn new(bytes: Vec<u8>) -> Self {
        let pending = Vec::new();
        Self { bytes, pending }
    }

    /// Applies a record with only the first `length` bytes of its data.
    fn apply(&mut self, record: &Record, length: usize) {
        let offset = usize::try_from(record.offset).unwrap();
        if record.kind == TRUNCATE {
            return self.bytes.resize(offset, 0);
        }
        let end = offset + length;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[offset..end].copy_from_slice(&record.data[..length]);
    }
}

fn name(names: &mut BTreeMap<String, u64>, record: &Record) {
    let name = String::from_utf8(record.data.clone()).unwrap();
    match record.kind {
        UNLINK => drop(names.remove(&name)),
        RENAME => {
            names.retain(|_, file| *file != record.file);
            names.insert(name, record.file);
        }
        _ => drop(names.insert(name, record.file)),
    }
}
