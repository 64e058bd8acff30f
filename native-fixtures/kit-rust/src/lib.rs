//! Uses everything that the crate has.

use aisopod_plugin::{abi, export, json, Call, Connection, Failure, HookAnswer, Host, Init, Level, Plugin, Setup, Value};
use std::sync::Mutex;
use std::time::Duration;

const ANY: &str = r#"{"type":"object"}"#;

#[derive(Default)]
struct Kit {
    greeting: Mutex<String>,
    data_dir: Mutex<String>,
    prefix: Mutex<String>,
    host: Mutex<Option<Host>>,
}

impl Plugin for Kit {
    const RECONFIGURES: bool = true;

    fn setup(setup: &mut Setup<Self>) -> Self {
        setup.thread_safe();
        answering(setup);
        failing(setup);
        pending(setup);
        setup.command("kit", "Prints its words", r#"{"usage":"kit WORD…"}"#, |_, command| {
            for word in &command.args {
                command.out(&format!("{word}\n"))?;
            }
            if command.args.is_empty() {
                command.err("usage: kit WORD…\n")?;
            }
            Ok(if command.args.is_empty() { 2 } else { 0 })
        });
        setup.hook("BeforeToolExecute", r#"{"priority":5}"#, |_, call| {
            Ok(match call.parameters()?.get("tool").text().unwrap_or("") {
                "forbidden" => HookAnswer::Veto("it is forbidden".into()),
                "old" => HookAnswer::Replace(json::object([("tool", "new".into())])),
                _ => HookAnswer::Continue,
            })
        });
        setup.channel("kit", "Echoes", "", Self::connected, Self::send);
        setup.provider("kit", "Parrots", "", |_, _| Ok(vec![json::object([("id", "parrot".into())])].into()), chat);
        Self::default()
    }

    fn init(&self, init: &Init) -> Result<(), Failure> {
        self.configure(init);
        *self.data_dir.lock().unwrap() = init.data_dir.clone();
        init.host.log(Level::Info, &format!("kit-rust is ready for host {}", init.host_version));
        let host = init.host.clone();
        *self.host.lock().unwrap() = Some(host.clone());
        init.host.spawn(move |stop| {
            while stop.sleep(Duration::from_secs(3600)) {}
            host.log(Level::Info, "the background task has ended");
        })
    }

    fn shutdown(&self) -> Result<(), Failure> {
        if let Some(host) = self.host.lock().unwrap().as_ref() {
            host.log(Level::Info, "kit-rust is shut down");
        }
        Ok(())
    }

    fn reconfigure(&self, init: &Init) -> Result<(), Failure> {
        if init.config.get("refuse").bool() == Ok(true) {
            return Err(Failure::new("this configuration is refused"));
        }
        self.configure(init);
        Ok(())
    }
}

impl Kit {
    fn configure(&self, init: &Init) {
        *self.greeting.lock().unwrap() = init.config.get("greeting").text().unwrap_or("none").to_string();
    }

    fn connected(&self, _connection: Connection, settings: &Value) -> Result<(), Failure> {
        let prefix = settings.get("prefix").text().unwrap_or("");
        if prefix == "refuse" {
            return Err(Failure::invalid("this prefix is refused"));
        }
        *self.prefix.lock().unwrap() = prefix.to_string();
        Ok(())
    }

    /// Passes every message that it sends back to the host.
    fn send(&self, connection: &Connection, call: &Call) -> Result<Value, Failure> {
        connection.receive(&call.parameters()?)?;
        Ok(json::object([("id", format!("{}1", self.prefix.lock().unwrap()).into())]))
    }
}

/// Answers with the words of the last message.
fn chat(_: &Kit, call: &Call) -> Result<Value, Failure> {
    let request = call.parameters()?;
    let last = request.get("messages").list()?.last().map(|message| message.get("content"));
    let text = last.ok_or_else(|| Failure::invalid("no message"))?.text()?;
    call.delta(text)?;
    Ok(json::object([("role", "assistant".into()), ("content", text.into())]))
}

fn answering(setup: &mut Setup<Kit>) {
    setup.tool("kit_echo", "Echoes", ANY, |_, call| call.parameters());
    setup.tool("kit_large", "Answers with many bytes", ANY, |_, call| {
        let bytes = call.parameters()?.get("bytes").int()?;
        Ok("x".repeat(bytes as usize).into())
    });
    setup.inline_tool("kit_inline", "Answers at once", ANY, |_, request| {
        Ok(json::object([("session", request.context("sessionKey").unwrap_or_default().into())]))
    });
    setup.tool("kit_values", "Reads and writes each type of value", "", |_, call| {
        let given = call.parameters()?;
        Ok(json::object([
            ("text", given.get("text").text()?.into()),
            ("integer", given.get("integer").int()?.into()),
            ("number", given.get("number").number()?.into()),
            ("boolean", given.get("boolean").bool()?.into()),
            ("missing", given.get("missing").int().unwrap_or(-1).into()),
            ("nothing", Value::Null),
            ("items", given.get("items").list()?.to_vec().into()),
        ]))
    });
    setup.tool("kit_config", "Tells its configuration", ANY, |kit, _| {
        let (greeting, data_dir) = (kit.greeting.lock().unwrap().clone(), kit.data_dir.lock().unwrap().clone());
        Ok(json::object([("greeting", greeting.into()), ("dataDir", data_dir.into())]))
    });
    setup.tool("kit_count", "Streams numbers", ANY, |_, call| {
        let count = call.parameters()?.get("count").int()?;
        for number in 0..count {
            call.check()?;
            call.emit(&number.into())?;
        }
        call.progress(1, 2, "half");
        Ok(count.into())
    });
}

fn failing(setup: &mut Setup<Kit>) {
    setup.tool("kit_throw", "Fails", ANY, |_, call| match call.parameters()?.get("what").text()? {
        "failure" => Err(Failure::with_status(abi::E_NOT_FOUND, "there is none")),
        "panic" => panic!("a mistake"),
        what => Err(what.into()),
    });
}

fn pending(setup: &mut Setup<Kit>) {
    setup.pending_tool("kit_later", "Answers from a thread", ANY, |_, pending| {
        pending.run(|call| {
            let parameters = call.parameters()?;
            if parameters.get("fail").bool() == Ok(true) {
                return Err(Failure::with_status(abi::E_DENIED, "asked to fail"));
            }
            if parameters.get("panic").bool() == Ok(true) {
                panic!("a mistake");
            }
            if parameters.get("forever").bool() == Ok(true) {
                call.emit(&"begun".into())?;
                loop {
                    call.check()?;
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            let input = String::from_utf8_lossy(call.input()).into_owned();
            Ok(json::object([("input", input.into()), ("session", call.context("sessionKey").unwrap_or_default().into())]))
        });
    });
    setup.pending_tool("kit_dropped", "Forgets its call", ANY, |_, pending| drop(pending));
    setup.pending_tool("kit_thrown_later", "Panics before it hands the call on", ANY, |_, _pending| panic!("not handed on"));
    setup.pending_tool("kit_ask", "Asks another tool", ANY, |_, pending| {
        let parameters = match pending.parameters() {
            Ok(parameters) => parameters,
            Err(failure) => return pending.complete(Err(failure)),
        };
        let (host, invocation) = (pending.host().clone(), pending.invocation());
        let tool = parameters.get("tool").text().unwrap_or("").to_string();
        let answer = move |reply| pending.complete_json(reply);
        // If the host refuses, the Pending is dropped with the closure.
        let _ = host.ask(abi::KIND_TOOL, &tool, "call", r#"{"asked":true}"#, invocation, answer);
    });
}

export!(Kit, "kit-rust");
