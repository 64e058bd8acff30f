//! The parts of aisopod/plugin.h (ABI version 1) that this plugin uses: the same structs, member by member.
//! Assertions below compare their sizes with those of the header.

use std::ffi::{c_char, c_void};
use std::mem::size_of;

pub const ABI_VERSION: u32 = 1;
pub const OK: i32 = 1;
pub const FAILED: i32 = -1;
pub const INVALID: i32 = -2;
pub const UNSUPPORTED: i32 = -3;
pub const TOO_LARGE: i32 = -12;
pub const KIND_TOOL: u32 = 1;
pub const PLUGIN_THREAD_SAFE: u32 = 1;

#[repr(C)]
pub struct Note {
    pub size: u32,
    pub magic: u32,
    pub abi_version: u32,
    pub header_version: u32,
    pub pointer_size: u32,
    /// Of plugin, host, capability, request, reply, meta, init, log, chunk, completion and call.
    pub struct_sizes: [u32; 11],
}

#[repr(C)]
pub struct Reply {
    pub size: u32,
    pub format: u32,
    pub buffer: *mut u8,
    pub capacity: usize,
    pub length: usize,
    pub owned: *const c_void,
    pub release: Option<extern "C" fn(*mut c_void, *const c_void)>,
    pub release_argument: *mut c_void,
}

#[repr(C)]
pub struct Plugin {
    pub size: u32,
    pub flags: u32,
    pub this: *mut c_void,
    pub id: *const c_char,
    pub meta: *const c_void,
    pub register_capabilities: extern "C" fn(*mut c_void, *const Host, *mut Reply) -> i32,
    pub init: extern "C" fn(*mut c_void, *const c_void, *mut Reply) -> i32,
    pub shutdown: extern "C" fn(*mut c_void, *mut Reply) -> i32,
    pub get_extension: Option<extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
}

/// Only the members that this plugin reads. The host's struct is larger, which rule 2 allows.
#[repr(C)]
pub struct Host {
    pub size: u32,
    pub abi_version: u32,
    pub context: *mut c_void,
    pub log: extern "C" fn(*mut c_void, *const c_void) -> i32,
    pub register_capability: extern "C" fn(*mut c_void, *const Capability, *mut Reply) -> i32,
}

pub type Invoke = extern "C" fn(*mut c_void, *const Request, *mut Reply) -> i32;

#[repr(C)]
pub struct Capability {
    pub size: u32,
    pub kind: u32,
    pub flags: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub description: *const c_char,
    pub spec: *const c_char,
    pub data: *mut c_void,
    pub invoke: Invoke,
    pub cancel: Option<extern "C" fn(*mut c_void, u64)>,
}

#[repr(C)]
pub struct Request {
    pub size: u32,
    pub format: u32,
    pub method: *const c_char,
    pub input: *const u8,
    pub input_length: usize,
    pub invocation: u64,
    pub parent: u64,
    pub cancel: *const u32,
    pub room: *const u32,
    pub cancel_epoch: u32,
    pub reserved: u32,
}

/// The struct sizes in the header of ABI version 1; the structs above must have the same sizes.
const SIZES: [u32; 11] = [64, 64, 64, 72, 56, 40, 48, 24, 40, 40, 72];
const _: () = assert!(size_of::<Note>() == 64);
const _: () = assert!(size_of::<Plugin>() == SIZES[0] as usize);
const _: () = assert!(size_of::<Capability>() == SIZES[2] as usize);
const _: () = assert!(size_of::<Request>() == SIZES[3] as usize);
const _: () = assert!(size_of::<Reply>() == SIZES[4] as usize);

/// The host reads this from the file, before any code runs (rule 4). `used` prevents its removal at link time.
#[no_mangle]
#[used]
#[allow(non_upper_case_globals)]
pub static aisopod_plugin_note: Note = Note {
    size: size_of::<Note>() as u32,
    magic: 0x4F53_4941,
    abi_version: ABI_VERSION,
    header_version: 1,
    pointer_size: size_of::<*const c_void>() as u32,
    struct_sizes: SIZES,
};

#[no_mangle]
pub extern "C" fn aisopod_plugin_abi_version() -> u32 {
    ABI_VERSION
}
