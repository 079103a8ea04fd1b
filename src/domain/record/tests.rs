use super::*;
use crate::domain::outcome::Status;

#[test]
fn a_cut_keeps_as_much_as_it_may_without_tearing_a_character() {
    for (bytes, max, kept) in [
        (&b"abc"[..], 3, &b"abc"[..]),
        (b"abcd", 3, b"abc"),
        ("aé".as_bytes(), 2, b"a"),
        ("日本".as_bytes(), 5, "日".as_bytes()),
        ("😀".as_bytes(), 3, b""),
        (b"\xff\xfe\x80\x80\x80\x80", 5, b"\xff\xfe\x80\x80\x80"),
        (b"", 0, b""),
    ] {
        assert_eq!(cut(&Bytes::copy_from_slice(bytes), max), kept, "{bytes:?} to {max}");
    }
}

#[test]
fn a_message_is_cut_between_characters() {
    assert_eq!(cut_message("short"), "short");
    let long = "é".repeat(MAX_MESSAGE_BYTES);
    assert_eq!(cut_message(&long).len(), MAX_MESSAGE_BYTES);
    let odd = format!("x{long}");
    assert_eq!(cut_message(&odd).len(), MAX_MESSAGE_BYTES - 1);
}

#[test]
fn every_status_is_known_by_its_name() {
    for status in Status::ALL {
        assert_eq!(Status::from_name(status.as_str()), Some(status));
    }
    for status in FailedStatus::ALL {
        assert_eq!(FailedStatus::from_name(status.as_str()), Some(status));
    }
}
