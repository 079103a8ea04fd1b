//! Zip files byte by byte, so that tests can make what no good tool writes.

use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

/// An archive as good tools write it.
pub fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a good name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// One entry, with every field open to lies.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub mode: u32,
    pub crc: u32,
    /// The size it claims to unpack to.
    pub size: u32,
    /// Where it claims to be, instead of having bytes of its own.
    pub at: Option<u32>,
}

impl Entry {
    /// A stored file.
    pub fn file(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.into(),
            data: content.to_vec(),
            method: 0,
            flags: 0,
            mode: 0,
            crc: crc32(content),
            size: u32::try_from(content.len()).expect("small"),
            at: None,
        }
    }

    /// A deflated file.
    pub fn deflated(name: &str, content: &[u8]) -> Self {
        // The raw stream is taken out of an archive that a good tool made: after the local header.
        let archive = zip_of(&[("x", content)]);
        let packed = u32::from_le_bytes(archive[18..22].try_into().expect("four bytes")) as usize;
        let method = u16::from_le_bytes([archive[8], archive[9]]);
        let start = 31 + usize::from(u16::from_le_bytes([archive[28], archive[29]]));
        Self { data: archive[start..start + packed].to_vec(), method, ..Self::file(name, content) }
    }

    fn common(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for short in [20, self.flags, self.method, 0, 0x21] {
            out.extend(short.to_le_bytes());
        }
        let packed = u32::try_from(self.data.len()).expect("small");
        for long in [self.crc, packed, self.size] {
            out.extend(long.to_le_bytes());
        }
        out.extend(u16::try_from(self.name.len()).expect("short").to_le_bytes());
        out.extend([0, 0]);
        out
    }
}

/// The archive of these entries.
pub fn build(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let at = entry.at.unwrap_or_else(|| u32::try_from(out.len()).expect("small"));
        if entry.at.is_none() || out.is_empty() {
            out.extend(b"PK\x03\x04");
            out.extend(entry.common());
            out.extend(&entry.name);
            out.extend(&entry.data);
        }
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(entry.common());
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&entry.name);
    }
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX).to_le_bytes();
    let start = u32::try_from(out.len()).expect("small");
    let size = u32::try_from(directory.len()).expect("small");
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1)))
    })
}
