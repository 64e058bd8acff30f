//! A plugin and its life.

use crate::host::bytes_at;
use crate::reply::{answer, Answer};
use crate::setup::{Capability, Setup};
use crate::{abi, json, Failure, Host, Value};
use std::ffi::{c_char, c_void, CStr, CString};
use std::mem::size_of;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;

/// What a plugin implements. Each load makes one of it; two may exist at once in a process. Several threads use it, so what it
/// changes later is atomic or in a Mutex.
pub trait Plugin: Send + Sync + Sized + 'static {
    /// Makes the plugin and registers what it offers. Must not block.
    fn setup(setup: &mut Setup<Self>) -> Self;

    /// Called once, before the first invocation. An `Err` fails the plugin, and its message is the reason.
    fn init(&self, init: &Init) -> Result<(), Failure> {
        let _ = init;
        Ok(())
    }

    /// Whether the plugin takes a new configuration without a restart, with `reconfigure`.
    const RECONFIGURES: bool = false;

    /// Applies a new configuration, or refuses it and keeps the old one.
    fn reconfigure(&self, init: &Init) -> Result<(), Failure> {
        let _ = init;
        Err(Failure::with_status(abi::E_UNSUPPORTED, "the plugin takes a new configuration only when it starts"))
    }

    /// Called once, after every thread was joined.
    fn shutdown(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The argument of `init`.
pub struct Init {
    pub config: Value,
    /// A folder for this plugin alone, which exists.
    pub data_dir: String,
    pub host_version: String,
    pub host: Host,
}

/// One loaded plugin. `raw` is what the host gets.
struct Instance<P> {
    raw: abi::Plugin,
    _id: CString,
    plugin: P,
    host: Host,
    capabilities: Vec<Registered<P>>,
}

/// The `data` of a capability.
struct Registered<P> {
    instance: *const Instance<P>,
    capability: Capability<P>,
}

#[doc(hidden)]
pub fn create<P: Plugin>(id: &str) -> *const abi::Plugin {
    let made = catch_unwind(|| {
        let host = Host::new();
        let mut setup = Setup::new(host.clone());
        let plugin = P::setup(&mut setup);
        (host, setup, plugin, CString::new(id).unwrap_or_default())
    });
    let Ok((host, setup, plugin, id)) = made else {
        return null(); // the panic was printed
    };
    let raw = abi::Plugin {
        size: size_of::<abi::Plugin>() as u32,
        flags: setup.flags,
        this: std::ptr::null_mut(),
        id: id.as_ptr(),
        meta: null(),
        register_capabilities: Some(register_capabilities::<P>),
        init: Some(init::<P>),
        shutdown: Some(shutdown::<P>),
        get_extension: Some(get_extension::<P>),
    };
    let instance = Box::into_raw(Box::new(Instance { raw, _id: id, plugin, host, capabilities: Vec::new() }));
    // SAFETY: nobody else has it yet.
    unsafe {
        (*instance).raw.this = instance.cast();
        (*instance).capabilities = setup.capabilities.into_iter().map(|capability| Registered { instance, capability }).collect();
        &(*instance).raw
    }
}

/// # Safety
/// `plugin` is what `create` returned, once.
#[doc(hidden)]
pub unsafe fn destroy<P: Plugin>(plugin: *const abi::Plugin) {
    // SAFETY: `this` is the box of `create`.
    let free = || drop(unsafe { Box::from_raw((*plugin).this.cast::<Instance<P>>()) });
    let _ = catch_unwind(AssertUnwindSafe(free));
}

/// # Safety
/// `this` is that of a plugin that is not destroyed.
unsafe fn instance<'a, P>(this: *mut c_void) -> &'a Instance<P> {
    unsafe { &*this.cast() }
}

fn pointer_or_null(text: &CString) -> *const c_char {
    if text.is_empty() { null() } else { text.as_ptr() }
}

unsafe extern "C" fn register_capabilities<P: Plugin>(this: *mut c_void, host: *const abi::Host, reply: *mut abi::Reply) -> i32 {
    let instance = unsafe { instance::<P>(this) };
    instance.host.connect(host);
    let Some(abi::Host { context, register_capability: Some(register), .. }) = instance.host.raw() else {
        return abi::E_INVALID;
    };
    for registered in &instance.capabilities {
        let Capability { kind, flags, name, description, spec, cancel, .. } = &registered.capability;
        let capability = abi::Capability {
            size: size_of::<abi::Capability>() as u32,
            kind: *kind,
            flags: *flags,
            reserved: 0,
            name: name.as_ptr(),
            description: pointer_or_null(description),
            spec: pointer_or_null(spec),
            data: std::ptr::from_ref(registered).cast_mut().cast(),
            invoke: Some(invoke::<P>),
            cancel: cancel.as_ref().map(|_| cancel_invocation::<P> as unsafe extern "C" fn(*mut c_void, u64)),
        };
        // SAFETY: the host copies the strings; the rest lives as long as the plugin.
        let status = unsafe { register(*context, &capability, reply) };
        if status < 0 {
            return status;
        }
    }
    abi::OK
}

unsafe extern "C" fn invoke<P: Plugin>(data: *mut c_void, request: *const abi::Request, reply: *mut abi::Reply) -> i32 {
    // SAFETY: the host passes the data of this capability, and a request and a reply that are valid until this returns.
    unsafe {
        let registered = &*data.cast::<Registered<P>>();
        let instance = &*registered.instance;
        answer(reply, || (registered.capability.invoke)(&instance.plugin, &instance.host, &*request))
    }
}

unsafe extern "C" fn cancel_invocation<P: Plugin>(data: *mut c_void, invocation: u64) {
    // SAFETY: as for invoke.
    let registered = unsafe { &*data.cast::<Registered<P>>() };
    let cancel = || registered.capability.cancel.iter().for_each(|cancel| cancel(invocation));
    let _ = catch_unwind(AssertUnwindSafe(cancel));
}

/// # Safety
/// `init` is valid until the current call returns.
unsafe fn read_init(init: *const abi::Init, host: &Host) -> Result<Init, Failure> {
    let text = |text| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    let init = unsafe { &*init };
    let config = unsafe { bytes_at(init.config.cast(), init.config_length) };
    let config = std::str::from_utf8(config).ok().and_then(json::parse).ok_or_else(|| Failure::invalid("configuration: expected valid JSON"))?;
    Ok(Init { config, data_dir: text(init.data_dir), host_version: text(init.host_version), host: host.clone() })
}

unsafe extern "C" fn init<P: Plugin>(this: *mut c_void, given: *const abi::Init, reply: *mut abi::Reply) -> i32 {
    unsafe {
        let instance = instance::<P>(this);
        let status = answer(reply, || instance.plugin.init(&read_init(given, &instance.host)?).map(|()| Answer::Done));
        if status < 0 {
            instance.host.stop(); // shutdown is not called after a failed init
        }
        status
    }
}

unsafe extern "C" fn shutdown<P: Plugin>(this: *mut c_void, reply: *mut abi::Reply) -> i32 {
    unsafe {
        let instance = instance::<P>(this);
        answer(reply, || {
            instance.host.stop();
            instance.plugin.shutdown().map(|()| Answer::Done)
        })
    }
}

unsafe extern "C" fn reconfigure<P: Plugin>(this: *mut c_void, given: *const abi::Init, reply: *mut abi::Reply) -> i32 {
    unsafe {
        let instance = instance::<P>(this);
        answer(reply, || instance.plugin.reconfigure(&read_init(given, &instance.host)?).map(|()| Answer::Done))
    }
}

unsafe extern "C" fn get_extension<P: Plugin>(_this: *mut c_void, id: *const c_char) -> *const c_void {
    struct Offered<P>(std::marker::PhantomData<P>);
    impl<P: Plugin> Offered<P> {
        const RECONFIGURE: &'static abi::Reconfigure =
            &abi::Reconfigure { size: size_of::<abi::Reconfigure>() as u32, reserved: 0, reconfigure: Some(reconfigure::<P>) };
    }
    let is_offered = P::RECONFIGURES && unsafe { CStr::from_ptr(id) } == abi::EXTENSION_RECONFIGURE;
    if is_offered { std::ptr::from_ref(Offered::<P>::RECONFIGURE).cast() } else { null() }
}

/// The note, which the host reads from the file before any code runs (rule 4).
#[doc(hidden)]
pub const NOTE: abi::Note = abi::Note {
    size: size_of::<abi::Note>() as u32,
    magic: abi::NOTE_MAGIC,
    abi_version: abi::ABI_VERSION,
    header_version: abi::HEADER_VERSION,
    pointer_size: size_of::<*const c_void>() as u32,
    plugin_size: size_of::<abi::Plugin>() as u32,
    host_size: size_of::<abi::Host>() as u32,
    capability_size: size_of::<abi::Capability>() as u32,
    request_size: size_of::<abi::Request>() as u32,
    reply_size: size_of::<abi::Reply>() as u32,
    meta_size: size_of::<abi::Meta>() as u32,
    init_size: size_of::<abi::Init>() as u32,
    log_size: size_of::<abi::Log>() as u32,
    chunk_size: size_of::<abi::Chunk>() as u32,
    completion_size: size_of::<abi::Completion>() as u32,
    call_size: size_of::<abi::Call>() as u32,
};
