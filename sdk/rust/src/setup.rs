//! Registering capabilities.

use crate::channel::{Connection, Current};
use crate::reply::Answer;
use crate::{abi, json, Call, Command, Failure, Host, Pending, Plugin, Request, Value};
use std::ffi::CString;
use std::sync::Arc;

pub(crate) type Invoke<P> = Box<dyn Fn(&P, &Host, &abi::Request) -> Result<Answer, Failure> + Send + Sync>;

pub(crate) struct Capability<P> {
    pub kind: u32,
    pub flags: u32,
    pub name: CString,
    pub description: CString,
    pub spec: CString,
    pub invoke: Invoke<P>,
    pub cancel: Option<Box<dyn Fn(u64) + Send + Sync>>,
}

/// What a hook answers. Hooks whose name begins with Before may replace and veto.
pub enum HookAnswer {
    Continue,
    Replace(Value),
    Veto(String),
}

/// Collects what a plugin offers. A `spec` is as in the header: for a tool the JSON Schema of its parameters. An empty one is none.
pub struct Setup<P> {
    pub(crate) capabilities: Vec<Capability<P>>,
    pub(crate) flags: u32,
    host: Host,
}

impl<P: Plugin> Setup<P> {
    pub(crate) fn new(host: Host) -> Self {
        Self { capabilities: Vec::new(), flags: 0, host }
    }

    /// For log lines and threads of the plugin. There is nobody to hear before `init`.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Several threads may call the plugin at once (rule 11).
    pub fn thread_safe(&mut self) {
        self.flags |= abi::PLUGIN_THREAD_SAFE;
    }

    pub fn tool(&mut self, name: &str, description: &str, spec: &str, handler: impl Fn(&P, &Call) -> Result<Value, Failure> + Send + Sync + 'static) {
        self.add(abi::KIND_TOOL, name, description, spec, move |plugin, host, request| {
            let call = Call::new(host, request);
            require(&call, "call")?;
            handler(plugin, &call).map(json_answer)
        });
    }

    /// A tool that answers in microseconds, perhaps on the host's main thread. The handler must not block (rule 11).
    pub fn inline_tool(&mut self, name: &str, description: &str, spec: &str, handler: impl Fn(&P, &Request) -> Result<Value, Failure> + Send + Sync + 'static) {
        self.add(abi::KIND_TOOL, name, description, spec, move |plugin, host, request| {
            require(&Call::new(host, request), "call")?;
            handler(plugin, &Request::new(request)).map(json_answer)
        });
        if let Some(added) = self.capabilities.last_mut() {
            added.flags = abi::CAPABILITY_INLINE;
        }
    }

    /// A tool that answers later.
    pub fn pending_tool(&mut self, name: &str, description: &str, spec: &str, handler: impl Fn(&P, Pending) + Send + Sync + 'static) {
        self.add(abi::KIND_TOOL, name, description, spec, move |plugin, host, request| {
            let call = Call::new(host, request);
            require(&call, "call")?;
            let pending = Pending::of(&call, Request::new(request).context_bytes());
            // A panic drops the Pending, which answers.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handler(plugin, pending)));
            Ok(Answer::Pending)
        });
    }

    /// A command. The handler returns the exit code, 0 to 255.
    pub fn command(&mut self, name: &str, description: &str, spec: &str, handler: impl Fn(&P, &Command) -> Result<u8, Failure> + Send + Sync + 'static) {
        self.add(abi::KIND_COMMAND, name, description, spec, move |plugin, host, request| {
            let call = Call::new(host, request);
            require(&call, "run")?;
            let exit_code = handler(plugin, &Command::new(call)?)?;
            Ok(json_answer(json::object([("exitCode", i32::from(exit_code).into())])))
        });
    }

    pub fn hook(&mut self, name: &str, spec: &str, handler: impl Fn(&P, &Call) -> Result<HookAnswer, Failure> + Send + Sync + 'static) {
        self.add(abi::KIND_HOOK, name, "", spec, move |plugin, host, request| {
            let call = Call::new(host, request);
            require(&call, "handle")?;
            Ok(json_answer(match handler(plugin, &call)? {
                HookAnswer::Continue => json::object([("action", "continue".into())]),
                HookAnswer::Replace(value) => json::object([("action", "replace".into()), ("value", value)]),
                HookAnswer::Veto(reason) => json::object([("action", "veto".into()), ("reason", reason.into())]),
            }))
        });
    }

    /// A channel. `connected` gets the connection, over which it passes on messages that arrive, and the settings; `send` gets the
    /// connection and the call whose parameters are the message, and returns a receipt.
    pub fn channel(
        &mut self,
        name: &str,
        description: &str,
        spec: &str,
        connected: impl Fn(&P, Connection, &Value) -> Result<(), Failure> + Send + Sync + 'static,
        send: impl Fn(&P, &Connection, &Call) -> Result<Value, Failure> + Send + Sync + 'static,
    ) {
        let current = Arc::new(Current::default());
        let ended = current.clone();
        self.add(abi::KIND_CHANNEL, name, description, spec, move |plugin, host, request| {
            let call = Call::new(host, request);
            if call.method() == "start" {
                connected(plugin, Connection((*call).clone()), &call.parameters()?)?;
                current.set((*call).clone());
                return Ok(Answer::Pending);
            }
            require(&call, "send")?;
            let connection = current.get().ok_or_else(|| Failure::with_status(abi::E_STATE, "the channel is not connected"))?;
            send(plugin, &connection, &call).map(json_answer)
        });
        if let Some(added) = self.capabilities.last_mut() {
            added.cancel = Some(Box::new(move |invocation| ended.end(invocation)));
        }
    }

    /// A provider of models. `chat` sends pieces of its answer with `Stream::delta`, and returns the whole message.
    pub fn provider(
        &mut self,
        name: &str,
        description: &str,
        spec: &str,
        models: impl Fn(&P, &Call) -> Result<Value, Failure> + Send + Sync + 'static,
        chat: impl Fn(&P, &Call) -> Result<Value, Failure> + Send + Sync + 'static,
    ) {
        self.add(abi::KIND_PROVIDER, name, description, spec, move |plugin, host, request| {
            let call = Call::new(host, request);
            match call.method() {
                "models" => models(plugin, &call).map(json_answer),
                "health" => Ok(json_answer(json::object([("status", "ok".into())]))),
                _ => {
                    require(&call, "chat")?;
                    chat(plugin, &call).map(json_answer)
                }
            }
        });
    }

    fn add(
        &mut self,
        kind: u32,
        name: &str,
        description: &str,
        spec: &str,
        invoke: impl Fn(&P, &Host, &abi::Request) -> Result<Answer, Failure> + Send + Sync + 'static,
    ) {
        // The host refuses a name without its end, which says more than a panic here.
        let text = |text: &str| CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default();
        let (name, description, spec) = (text(name), text(description), text(spec));
        self.capabilities.push(Capability { kind, flags: 0, name, description, spec, invoke: Box::new(invoke), cancel: None });
    }
}

fn json_answer(value: Value) -> Answer {
    Answer::Json(value.to_string())
}

fn require(call: &Call, method: &str) -> Result<(), Failure> {
    if call.method() == method {
        return Ok(());
    }
    Err(Failure::with_status(abi::E_UNSUPPORTED, format!("unknown method {}", call.method())))
}
