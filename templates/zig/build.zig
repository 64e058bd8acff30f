const std = @import("std");

/// Builds the library into plugin/<platform>-<arch>/ (for musl <platform>-<arch>-musl), for this machine or for -Dtarget.
pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{ .preferred_optimize_mode = .ReleaseSafe });
    // libc, because the threads of a plugin are those of the host's libc.
    const kit = b.createModule(.{ .root_source_file = b.path("kit/sdk/zig/src/aisopod.zig"), .target = target, .optimize = optimize, .link_libc = true });
    const plugin = b.addLibrary(.{
        .name = "{{id}}", // the entry_point of the manifest
        .linkage = .dynamic,
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/plugin.zig"),
            .target = target,
            .optimize = optimize,
            .link_libc = true,
            .strip = optimize != .Debug,
            .imports = &.{.{ .name = "aisopod", .module = kit }},
        }),
    });

    const result = target.result;
    const platform = switch (result.os.tag) {
        .macos => "darwin",
        .windows => "win32",
        else => |tag| @tagName(tag),
    };
    const arch = switch (result.cpu.arch) {
        .x86_64 => "x64",
        .aarch64 => "arm64",
        else => |other| @tagName(other),
    };
    const libc = if (result.abi.isMusl()) "-musl" else "";
    const folder: std.Build.InstallDir = .{ .custom = b.fmt("../plugin/{s}-{s}{s}", .{ platform, arch, libc }) };
    const install = b.addInstallArtifact(plugin, .{ .dest_dir = .{ .override = folder }, .pdb_dir = .disabled, .implib_dir = .disabled, .h_dir = .disabled });
    b.getInstallStep().dependOn(&install.step);
}
