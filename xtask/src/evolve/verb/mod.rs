//! `cargo xtask compat`: what a change of an OpenAPI document means for clients, for any two documents.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use compat::judgement::Judgement;
use compat::render::{self, Format};
use compat::report::Lane;
use compat::waivers::Waivers;

use super::documents::Pair;
use super::today;

mod corpus;
mod matrix;

/// Say what a change of an OpenAPI document means for clients, and prove each break
///
/// May the server move from BASE to REVISION without breaking a client that was right under BASE? Each break comes with the request or
/// the answer that shows it. Documents are OpenAPI 3.0, 3.1 or 3.2, JSON or YAML, in one file or in many: a path, or `git-ref:path` for
/// a file as it was in a commit. Nothing is fetched from the network.
///
/// Exit status: 0 compatible, 1 breaking, 2 a document cannot be used.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  cargo xtask compat main:openapi/public/v2.yaml openapi/public/v2.yaml
  cargo xtask compat openapi/released/public-2.0.0.json openapi/public/v2.yaml --format markdown
  cargo xtask compat old.json new.yaml --lane wire --format curl
  cargo xtask compat suggest main:openapi/public/v2.yaml openapi/public/v2.yaml
  cargo xtask compat explain operation-removed
  cargo xtask compat matrix public"
)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// What clients go by today
    #[arg(required = true)]
    base: Option<String>,
    /// What they would meet
    #[arg(required = true)]
    revision: Option<String>,
    #[command(flatten)]
    options: Options,
    /// How to say it
    #[arg(long, default_value = "text", value_parser = formats())]
    format: Format,
}

/// What is compared, and by which rules.
#[derive(clap::Args)]
struct Options {
    /// Only what concerns these: `wire` is what is exchanged, `sdk` names in generated clients, `docs` what is only read
    #[arg(long = "lane", value_name = "LANE", value_parser = lanes(), num_args = 1.., value_delimiter = ',')]
    lanes: Vec<Lane>,
    /// What the owner takes on: rule, JSON pointer, reason, owner and day of expiry
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// The folder that references may not leave; by default the repository, or for a file elsewhere the folder of that file
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Explain a rule: how it follows from the law, and a pair of documents that shows it
    Explain {
        /// Such as `operation-removed`; `compat rules` lists them
        id: String,
    },
    /// List all rules
    Rules,
    /// Say which version a change calls for: major, minor, patch or none
    #[command(after_help = "Example:
  cargo xtask compat suggest main:openapi/public/v2.yaml openapi/public/v2.yaml")]
    Suggest {
        /// What clients go by today
        base: String,
        /// What they would meet
        revision: String,
        #[command(flatten)]
        options: Options,
    },
    /// Show which clients of each revision of our contracts work with each later one, and which revision broke them
    Matrix(matrix::Args),
    /// Measure the verdicts against those of a folder of pairs with `cases.json`
    Corpus(corpus::Args),
}

fn formats() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.map(|(name, _)| name));
    names.map(|wanted| named(&Format::ALL, &wanted))
}

fn lanes() -> impl TypedValueParser<Value = Lane> {
    let names = PossibleValuesParser::new(LANES.map(|(name, _)| name));
    names.map(|wanted| named(&LANES, &wanted))
}

const LANES: [(&str, Lane); 3] = [
    ("wire", Lane::Wire),
    ("sdk", Lane::Sdk),
    ("docs", Lane::Docs),
];

fn named<T: Copy>(all: &[(&str, T)], wanted: &str) -> T {
    let mut all = all.iter();
    all.find(|(name, _)| *name == wanted)
        .expect("clap takes no other")
        .1
}

/// Runs the verb.
///
/// # Errors
///
/// When a document cannot be used, with its file and line.
pub fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    dispatch(root, args).or_else(|error| match error.downcast_ref::<io::Error>() {
        // Who reads only the first lines has seen enough.
        Some(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        _ => Err(error),
    })
}

fn dispatch(root: &Path, args: &Args) -> Result<ExitCode> {
    let mut out = anstream::stdout().lock();
    match (&args.verb, &args.base, &args.revision) {
        (Some(Verb::Explain { id }), ..) => match render::rules::explain(id, &mut out)? {
            true => Ok(ExitCode::SUCCESS),
            false => Err(anyhow!(
                "no rule is called `{id}`; `cargo xtask compat rules` lists them"
            )),
        },
        (Some(Verb::Rules), ..) => {
            render::rules::table(&mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        (
            Some(Verb::Suggest {
                base,
                revision,
                options,
            }),
            ..,
        ) => {
            judge(root, base, revision, options, |judgement| {
                Ok(render::suggest(judgement, &mut out)?)
            })?;
            Ok(ExitCode::SUCCESS)
        }
        (Some(Verb::Matrix(args)), ..) => matrix::run(root, args, &mut out),
        (Some(Verb::Corpus(args)), ..) => corpus::run(root, args, &mut out),
        (None, Some(base), Some(revision)) => {
            judge(root, base, revision, &args.options, |judgement| {
                Ok(render::write(args.format, judgement, &mut out)?)
            })
        }
        (None, ..) => Err(anyhow!("name two documents, a base and a revision")),
    }
}

/// Compares, shows what was found, and names the waivers that waive nothing.
fn judge(
    root: &Path,
    base: &str,
    revision: &str,
    options: &Options,
    show: impl FnOnce(&Judgement<'_>) -> Result<()>,
) -> Result<ExitCode> {
    let waivers = match &options.waivers {
        None => Waivers::default(),
        Some(file) => {
            let name = file.display().to_string();
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
            Waivers::read(&name, &text)?
        }
    };
    let pair = Pair::open(root, options.root.as_deref(), base, revision)?;
    let report = pair.compare()?;
    let judgement = Judgement::new(&report, pair.sides(), &options.lanes, &waivers, today());
    show(&judgement)?;
    let faults = waivers.faults(&report.findings, today());
    let mut errors = anstream::stderr().lock();
    for fault in &faults {
        writeln!(errors, "error: {fault}")?;
    }
    Ok(ExitCode::from(u8::from(
        judgement.fails() || !faults.is_empty(),
    )))
}
