//! {{title}}: the command {{capability}}.

use aisopod_plugin::{export, Command, Failure, Plugin, Setup};

struct {{Class}};

impl Plugin for {{Class}} {
    fn setup(setup: &mut Setup<Self>) -> Self {
        setup.command("{{capability}}", "Greets people", r#"{"usage":"{{capability}} NAME..."}"#, greet);
        {{Class}}
    }
}

/// Returns the exit code.
fn greet(_: &{{Class}}, command: &Command) -> Result<u8, Failure> {
    if command.args.is_empty() {
        command.err("usage: {{capability}} NAME...\n")?;
        return Ok(2);
    }
    for name in &command.args {
        command.out(&format!("Hello, {name}!\n"))?;
    }
    Ok(0)
}

export!({{Class}}, "{{id}}");
