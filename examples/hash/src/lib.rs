//! The tool `hash`: {"text": "...", "algorithm": "sha256"} -> {"hash": "..."}.

mod abi;
mod digest;
mod ffi;
mod json;

use abi::{Capability, Host, Plugin, Reply, Request, INVALID, KIND_TOOL, OK, PLUGIN_THREAD_SAFE, UNSUPPORTED};
use ffi::Failure;
use std::ffi::{c_void, CStr};
use std::mem::size_of;
use std::ptr::{null, null_mut};

const ID: &CStr = c"hash";
const DESCRIPTION: &CStr = c"The FNV-1a, CRC-32 or SHA-256 of a text, in hexadecimal";
const PARAMETERS: &CStr = cr#"{
  "type": "object",
  "properties": { "text": { "type": "string" }, "algorithm": { "enum": ["fnv1a", "crc32", "sha256"] } },
  "required": ["text", "algorithm"],
  "additionalProperties": false
}"#;

/// The tool itself, in safe Rust.
fn hash(method: &str, input: &[u8]) -> Result<String, Failure> {
    if method != "call" {
        return Err(Failure(UNSUPPORTED, "a tool supports only the method call".into()));
    }
    let parameters = std::str::from_utf8(input).map_err(|_| Failure(INVALID, "the input is not UTF-8".into()))?;
    let member = |key| {
        json::string_member(parameters, key).ok_or_else(|| Failure(INVALID, format!("expected a string: {key}")))
    };
    let (text, algorithm) = (member("text")?, member("algorithm")?);
    let hash = match algorithm.as_str() {
        "fnv1a" => digest::fnv1a(text.as_bytes()),
        "crc32" => digest::crc32(text.as_bytes()),
        "sha256" => digest::sha256(text.as_bytes()),
        _ => return Err(Failure(INVALID, "unknown algorithm".into())),
    };
    Ok(format!(r#"{{"hash":"{hash}"}}"#))
}

extern "C" fn invoke(_data: *mut c_void, request: *const Request, reply: *mut Reply) -> i32 {
    // SAFETY: the host passes a request and a reply that are valid until this returns (rule 14).
    unsafe {
        let (method, input) = ffi::read(request);
        ffi::answer(reply, || hash(method, input))
    }
}

extern "C" fn register_capabilities(_this: *mut c_void, host: *const Host, reply: *mut Reply) -> i32 {
    let tool = Capability {
        size: size_of::<Capability>() as u32,
        kind: KIND_TOOL,
        flags: 0,
        reserved: 0,
        name: ID.as_ptr(),
        description: DESCRIPTION.as_ptr(),
        spec: PARAMETERS.as_ptr(),
        data: null_mut(),
        invoke,
        cancel: None,
    };
    // SAFETY: the host's struct is valid as long as the process.
    let host = unsafe { &*host };
    (host.register_capability)(host.context, &tool, reply)
}

extern "C" fn init(_this: *mut c_void, _init: *const c_void, _reply: *mut Reply) -> i32 {
    OK
}

extern "C" fn shutdown(_this: *mut c_void, _reply: *mut Reply) -> i32 {
    OK
}

/// Nothing is allocated, so there is one static plugin and no destroy.
struct Shared(Plugin);

// SAFETY: it is immutable.
unsafe impl Sync for Shared {}

static PLUGIN: Shared = Shared(Plugin {
    size: size_of::<Plugin>() as u32,
    flags: PLUGIN_THREAD_SAFE,
    this: null_mut(),
    id: ID.as_ptr(),
    meta: null(),
    register_capabilities,
    init,
    shutdown,
    get_extension: None,
});

#[no_mangle]
pub extern "C" fn aisopod_plugin_create() -> *const Plugin {
    &PLUGIN.0
}
