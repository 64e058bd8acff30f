//! The host, as a plugin sees it: log, calls of other capabilities, and threads that are joined at shutdown.

use crate::{abi, Failure};
use std::ffi::{c_void, CString};
use std::mem::size_of;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug = abi::LOG_DEBUG as isize,
    Info = abi::LOG_INFO as isize,
    Warn = abi::LOG_WARN as isize,
    Error = abi::LOG_ERROR as isize,
}

/// A handle, which can be cloned and sent to any thread.
#[derive(Clone)]
pub struct Host(Arc<Shared>);

struct Shared {
    /// Set by register_capabilities. Valid as long as the process (rule 19).
    raw: AtomicPtr<abi::Host>,
    is_stopping: AtomicBool,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Tells a thread of the plugin when to end.
pub struct Stop(Arc<Shared>);

impl Stop {
    /// Whether the plugin is shutting down.
    pub fn is_requested(&self) -> bool {
        self.0.is_stopping.load(Ordering::Acquire)
    }
    /// Pauses, in steps of at most 5 ms. Returns false when the plugin shuts down.
    pub fn sleep(&self, duration: Duration) -> bool {
        let end = std::time::Instant::now() + duration;
        loop {
            let left = end.saturating_duration_since(std::time::Instant::now());
            if self.is_requested() || left.is_zero() {
                return !self.is_requested();
            }
            std::thread::sleep(left.min(Duration::from_millis(5)));
        }
    }
}

/// The answer to a call of another capability: JSON text, or the failure.
pub type Reply = Result<String, Failure>;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Host {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared { raw: AtomicPtr::new(null_mut()), is_stopping: AtomicBool::new(false), threads: Mutex::default() }))
    }

    pub(crate) fn connect(&self, raw: *const abi::Host) {
        self.0.raw.store(raw.cast_mut(), Ordering::Release);
    }

    pub(crate) fn raw(&self) -> Option<&abi::Host> {
        // SAFETY: null, or the host's struct, which is valid as long as the process.
        unsafe { self.0.raw.load(Ordering::Acquire).as_ref() }
    }

    /// Writes a line to the host's log.
    pub fn log(&self, level: Level, message: &str) {
        let record = abi::Log { size: size_of::<abi::Log>() as u32, level: level as u32, message: message.as_ptr().cast(), message_length: message.len() };
        if let Some(abi::Host { context, log: Some(log), .. }) = self.raw() {
            // SAFETY: the host reads the record before it returns.
            unsafe { log(*context, &record) };
        }
    }

    /// Starts a thread that is joined before shutdown returns (rule 10). It ends when `stop` says so.
    pub fn spawn(&self, body: impl FnOnce(&Stop) + Send + 'static) -> Result<(), Failure> {
        let (stop, host) = (Stop(self.0.clone()), self.clone());
        let mut threads = locked(&self.0.threads);
        if stop.is_requested() {
            return Err(Failure::with_status(abi::E_CLOSED, "the plugin is shutting down"));
        }
        threads.retain(|thread| !thread.is_finished());
        let run = move || {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(&stop))) {
                host.log(Level::Error, &crate::reply::message_of(panic.as_ref()));
            }
        };
        threads.push(std::thread::Builder::new().spawn(run)?);
        Ok(())
    }

    /// Joins every thread.
    pub(crate) fn stop(&self) {
        let threads = {
            let mut threads = locked(&self.0.threads);
            self.0.is_stopping.store(true, Ordering::Release);
            std::mem::take(&mut *threads)
        };
        for thread in threads {
            let _ = thread.join(); // a panic was logged
        }
    }

    /// Calls a capability through the host. `on_reply` must not block, and runs on any thread; it is not called if this fails.
    /// `parent` is the invocation that makes the call, or 0.
    pub fn ask(&self, kind: u32, name: &str, method: &str, input: &str, parent: u64, on_reply: impl FnOnce(Reply) + Send + 'static) -> Result<(), Failure> {
        let text = |text: &str| CString::new(text).map_err(|_| Failure::invalid("a name contains a NUL"));
        let (name, method) = (text(name)?, text(method)?);
        let Some(abi::Host { context, call: Some(call), .. }) = self.raw() else {
            return Err(Failure::with_status(abi::E_STATE, "there is no host yet"));
        };
        let waiting: Box<Waiting> = Box::new(Box::new(on_reply));
        let user = Box::into_raw(waiting);
        let record = abi::Call {
            size: size_of::<abi::Call>() as u32,
            kind,
            name: name.as_ptr(),
            method: method.as_ptr(),
            format: abi::FORMAT_JSON,
            reserved: 0,
            input: input.as_ptr().cast(),
            input_length: input.len(),
            parent,
            on_reply: Some(answered),
            user: user.cast(),
        };
        // SAFETY: the host copies the call before it returns.
        let status = unsafe { call(*context, &record) };
        if status == abi::PENDING {
            return Ok(());
        }
        // SAFETY: after another status, on_reply is not called, so this is still ours.
        drop(unsafe { Box::from_raw(user) });
        Err(Failure::with_status(status, "the host refused the call"))
    }
}

type Waiting = Box<dyn FnOnce(Reply) + Send>;

unsafe extern "C" fn answered(user: *mut c_void, completion: *const abi::Completion) {
    let body = || {
        // SAFETY: the host calls this once, with the `user` of `ask` and a completion that is valid until this returns.
        let (on_reply, completion) = unsafe { (Box::from_raw(user.cast::<Waiting>()), &*completion) };
        let text = String::from_utf8_lossy(unsafe { bytes_at(completion.data, completion.length) }).into_owned();
        on_reply(if completion.status > 0 { Ok(text) } else { Err(Failure::with_status(completion.status, text)) });
    };
    let _ = catch_unwind(AssertUnwindSafe(body));
}

/// # Safety
/// `length` bytes at `data`, or none.
pub(crate) unsafe fn bytes_at<'a>(data: *const c_void, length: usize) -> &'a [u8] {
    if data.is_null() || length == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data.cast(), length) } }
}

/// The part of an invocation that stays valid: its id, its words, and the way to send chunks.
#[derive(Clone)]
pub struct Stream {
    pub(crate) host: Host,
    pub(crate) invocation: u64,
    cancel: Word,
    room: Word,
    epoch: u32,
}

/// A word of the host, which stays valid as long as the process (rule 17).
#[derive(Clone, Copy)]
struct Word(*const AtomicU32);

// SAFETY: it is read atomically.
unsafe impl Send for Word {}
unsafe impl Sync for Word {}

impl Word {
    fn load(self) -> u32 {
        // SAFETY: the words are valid and aligned as long as the process.
        unsafe { &*self.0 }.load(Ordering::Acquire)
    }
}

impl Stream {
    pub(crate) fn of(host: &Host, request: &abi::Request) -> Self {
        let (cancel, room) = (Word(request.cancel.cast()), Word(request.room.cast()));
        Self { host: host.clone(), invocation: request.invocation, cancel, room, epoch: request.cancel_epoch }
    }

    pub fn host(&self) -> &Host {
        &self.host
    }

    pub fn invocation(&self) -> u64 {
        self.invocation
    }

    /// Whether the work should stop (rule 17).
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load() != self.epoch
    }

    /// For loops: fails once the work should stop.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_cancelled() { Err(Failure::with_status(abi::E_CANCELLED, "stopped on request")) } else { Ok(()) }
    }

    /// Sends a part of the answer, and waits until there is room for it. Fails if nobody waits for it any more.
    pub fn emit(&self, json: &crate::Value) -> Result<(), Failure> {
        self.emit_as(abi::FORMAT_JSON, abi::TAG_NONE, json.to_string().as_bytes())
    }

    /// Reports how far the work is; a `total` of 0 is unknown. Without room the report is dropped: the next one replaces it.
    pub fn progress(&self, progress: usize, total: usize, message: &str) {
        let mut report = vec![("progress".to_string(), progress.into())];
        if total > 0 {
            report.push(("total".to_string(), total.into()));
        }
        if !message.is_empty() {
            report.push(("message".to_string(), message.into()));
        }
        self.try_emit(abi::FORMAT_JSON, abi::TAG_PROGRESS, crate::Value::Object(report).to_string().as_bytes());
    }

    /// The next piece of text of a model's answer.
    pub fn delta(&self, text: &str) -> Result<(), Failure> {
        self.emit_as(abi::FORMAT_JSON, abi::TAG_DELTA, crate::json::object([("content", text.into())]).to_string().as_bytes())
    }

    pub(crate) fn emit_as(&self, format: u32, tag: u32, data: &[u8]) -> Result<(), Failure> {
        loop {
            match self.try_emit(format, tag, data) {
                abi::E_FULL => {}
                status if status > 0 => return Ok(()),
                status => return Err(Failure::with_status(status, "the host did not accept a chunk: the call has ended")),
            }
            while self.room.load() == 0 {
                self.check()?;
                std::thread::sleep(Duration::from_millis(1));
            }
            self.check()?;
        }
    }

    fn try_emit(&self, format: u32, tag: u32, data: &[u8]) -> i32 {
        let chunk = abi::Chunk {
            size: size_of::<abi::Chunk>() as u32,
            format,
            invocation: self.invocation,
            tag,
            reserved: 0,
            data: data.as_ptr().cast(),
            length: data.len(),
        };
        match self.host.raw() {
            // SAFETY: the host copies the chunk before it returns.
            Some(abi::Host { context, emit: Some(emit), .. }) => unsafe { emit(*context, &chunk) },
            _ => abi::E_CLOSED,
        }
    }

    pub(crate) fn complete(&self, status: i32, data: &str) {
        let completion = abi::Completion {
            size: size_of::<abi::Completion>() as u32,
            status,
            invocation: self.invocation,
            format: abi::FORMAT_JSON,
            reserved: 0,
            data: data.as_ptr().cast(),
            length: data.len(),
        };
        if let Some(abi::Host { context, complete: Some(complete), .. }) = self.host.raw() {
            // SAFETY: the host copies the completion before it returns.
            unsafe { complete(*context, &completion) };
        }
    }
}
