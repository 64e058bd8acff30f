//! CSV as in RFC 4180, independent of plugins: quoted fields may contain separators, line breaks and doubled quotes.

const std = @import("std");
const Allocator = std.mem.Allocator;
const List = std.ArrayListUnmanaged;

/// The rows live as long as the arena. Rows may have different lengths; an empty text has no row.
pub fn parse(arena: Allocator, text: []const u8, separator: u8) error{ OutOfMemory, QuoteNotClosed }![]const []const []const u8 {
    var rows: List([]const []const u8) = .empty;
    var at: usize = 0;
    while (at < text.len) {
        var row: List([]const u8) = .empty;
        while (true) {
            try row.append(arena, try field(arena, text, separator, &at));
            if (at < text.len and text[at] == separator) at += 1 else break;
        }
        if (at < text.len and text[at] == '\r') at += 1;
        if (at < text.len and text[at] == '\n') at += 1;
        try rows.append(arena, row.items);
    }
    return rows.items;
}

fn field(arena: Allocator, text: []const u8, separator: u8, at: *usize) ![]const u8 {
    if (at.* < text.len and text[at.*] == '"') return quoted(arena, text, at);
    const start = at.*;
    while (at.* < text.len and text[at.*] != separator and text[at.*] != '\n' and text[at.*] != '\r') at.* += 1;
    return text[start..at.*];
}

fn quoted(arena: Allocator, text: []const u8, at: *usize) ![]const u8 {
    var value: List(u8) = .empty;
    at.* += 1;
    while (std.mem.indexOfScalarPos(u8, text, at.*, '"')) |quote| {
        try value.appendSlice(arena, text[at.*..quote]);
        at.* = quote + 1;
        if (at.* == text.len or text[at.*] != '"') return value.items;
        try value.append(arena, '"');
        at.* += 1;
    }
    return error.QuoteNotClosed;
}
