//! Keys, notes, scanning and deals of one member.
