//! Zip archives, good ones and those nobody's tool would write.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip file as any tool makes it: folders by their files' names, contents deflated.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in files {
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(content).expect("its content");
    }
    writer.finish().expect("an archive").into_inner()
}

/// One entry of an archive written by hand, each field as it is told.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: Vec<u8>,
    /// As it stands in the archive; nothing is compressed here.
    pub content: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    /// What both headers say of the size once unpacked.
    pub claimed: Option<u32>,
    /// The Unix mode, file type included.
    pub mode: u32,
    /// Points to this entry's data instead of its own.
    pub shares_data_of: Option<usize>,
}

impl Entry {
    pub fn new(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let (name, content) = (name.as_ref().to_vec(), content.as_ref().to_vec());
        Self { name, content, method: 0, flags: 0, claimed: None, mode: 0o100_644, shares_data_of: None }
    }

    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    fn size(&self) -> u32 {
        self.claimed.unwrap_or_else(|| u32::try_from(self.content.len()).expect("small"))
    }
}

/// An archive of these entries, stored as they are, with right checksums.
pub fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut offsets: Vec<u32> = Vec::new();
    for entry in entries {
        if let Some(other) = entry.shares_data_of {
            offsets.push(offsets[other]);
            continue;
        }
        offsets.push(at(&out));
        out.extend(b"PK\x03\x04");
        for field in [20, entry.flags, entry.method, 0, 0x21] {
            out.extend(field.to_le_bytes());
        }
        out.extend(crc32(&entry.content).to_le_bytes());
        out.extend(u32::try_from(entry.content.len()).expect("small").to_le_bytes());
        out.extend(entry.size().to_le_bytes());
        out.extend(u16::try_from(entry.name.len()).expect("a name").to_le_bytes());
        out.extend([0, 0]);
        out.extend(&entry.name);
        out.extend(&entry.content);
    }
    let directory = at(&out);
    for (entry, offset) in entries.iter().zip(&offsets) {
        out.extend(b"PK\x01\x02");
        for field in [0x031e, 20, entry.flags, entry.method, 0, 0x21] {
            out.extend(field.to_le_bytes());
        }
        out.extend(crc32(&entry.content).to_le_bytes());
        out.extend(u32::try_from(entry.content.len()).expect("small").to_le_bytes());
        out.extend(entry.size().to_le_bytes());
        out.extend(u16::try_from(entry.name.len()).expect("a name").to_le_bytes());
        out.extend([0; 8]); // extra, comment, disk, internal attributes
        out.extend((entry.mode << 16).to_le_bytes());
        out.extend(offset.to_le_bytes());
        out.extend(&entry.name);
    }
    let length = at(&out) - directory;
    let count = u16::try_from(entries.len() % 65_536).expect("reduced").to_le_bytes();
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(length.to_le_bytes());
    out.extend(directory.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn at(out: &[u8]) -> u32 {
    u32::try_from(out.len()).expect("under 4 GiB")
}

/// Makes every entry of an archive claim this unpacked size, in both of its headers.
pub fn lie_about_sizes(archive: &mut [u8], claimed: u32) {
    for at in 0..archive.len().saturating_sub(30) {
        let field = match &archive[at..at + 4] {
            b"PK\x03\x04" => at + 22,
            b"PK\x01\x02" => at + 24,
            _ => continue,
        };
        archive[field..field + 4].copy_from_slice(&claimed.to_le_bytes());
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    };
    !bytes.iter().fold(!0, step)
}
