//! Writes `README.md` of a package. Its blocks of TypeScript, one after another, are a program that is compiled; see [`program`].

use anyhow::Result;

use super::tools::archive;
use super::{name, programs};
use crate::clients::api::{Api, Credential, Paging};
use crate::clients::money;
use crate::generate::openapi::filled;

/// The file.
///
/// # Errors
///
/// When the contract has no beginning.
pub fn file(api: &Api) -> Result<String> {
    let mut text = beginning(api)?;
    text.push_str(credential(api));
    if money::of(api).is_some() {
        text.push_str(
            "`Money` is in minor units; `formatMoney` writes it in major ones: `498.10 GBP`.\n\n",
        );
    }
    if let Some(hold) = programs::hold(api) {
        text.push_str(&HOLD.replace("{program}", hold));
    }
    text.push_str(ANSWERS);
    text.push_str(&lists(api));
    text.push_str(&PROBLEMS.replace("{oauth}", oauth(api)));
    text.push_str(&retries(api));
    if api.payload.is_some() {
        text.push_str(WEBHOOKS);
    }
    Ok(text.replace("{package}", &name(api)))
}

/// The program that the blocks of TypeScript of a readme are.
pub fn program(readme: &str) -> String {
    let blocks = readme.split("```ts\n").skip(1);
    let blocks: Vec<&str> = blocks
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect();
    blocks.join("\n")
}

fn beginning(api: &Api) -> Result<String> {
    let summary = api.document["info"]["summary"].as_str().unwrap_or_default();
    let end = api.sunset.as_ref().map_or_else(String::new, |day| {
        format!("This contract is deprecated and served until {day}.\n\n")
    });
    Ok(format!(
        "# {{package}}\n\n\
         {summary} A typed client of the {title}: revision {version} of the contract `{contract}`.\n\n\
         {end}\
         It needs nothing else, and runs wherever `fetch` does: Node 20 or newer, browsers, Deno, Bun.\n\n\
         ```sh\nnpm install target/clients/typescript/{archive}      # or `npm install {{package}}`, from a registry that has it\n```\n\n\
         It is an ES module; so are programs with `\"type\": \"module\"` in their `package.json`, compiled with `\"module\": \"nodenext\"`.\n\n\
         ```ts\n{beginning}```\n\n\
         Every operation of the contract is a method. It takes the ids that stand in its path, then the body, then options: the\n\
         query, conditions, `signal`, `timeoutMs` and `retries`. Bodies are as the contract writes them; dates and times stay strings\n\
         (RFC 3339). A text with known values has the type `Open<…>`: they are completed as you type, and the values of later\n\
         revisions are taken too.\n\n",
        title = api.title,
        version = api.version,
        contract = api.contract(),
        archive = archive(api),
        beginning = programs::beginning(api)?,
    ))
}

fn credential(api: &Api) -> &'static str {
    match api.credential {
        Credential::Key => {
            "The key is sent in the header `Api-Key` and nowhere else. Keep it out of programs that others can read, such as pages.\n\n"
        }
        Credential::Client => {
            "The client gets a token at `/oauth/token` when one is first needed, once for all calls that wait for it, and a new one half\n\
             a minute before it ends or when it is refused. Keep the secret out of programs that others can read, such as pages.\n\n"
        }
    }
}

const HOLD: &str = "\
## Hold an offer

An offer says by `hold_allowed` whether it may be kept now and paid later. Few of the cheapest may, so go through all of the search:

```ts
{program}```

`createOrderPayment` pays it before the deadline; `type: \"instant\"` with a `payment` orders and pays at once.

";

const ANSWERS: &str = "\
## Answers

A call is a promise of the body. Its `reply()` also has the status, the version and the rest, and sends nothing anew:

```ts
const id = \"ord_00000000000000000000000001\";
const { body: order, status, etag, requestId, replayed } = await fareway.getOrder(id).reply();
console.log(order.status, status, etag, requestId, replayed);
```

With `ifNoneMatch` the body is `null` while what you have is current:

```ts
const newer = await fareway.getOrder(id, { ifNoneMatch: etag });
console.log(newer === null ? \"as it was\" : newer.status);
```

";

fn lists(api: &Api) -> String {
    let page = api
        .operations
        .iter()
        .find_map(|operation| operation.page.as_ref());
    let size = match page.map(|page| page.by) {
        Some(Paging::Number) => "perPage",
        Some(Paging::Cursor) => "limit",
        None => return String::new(),
    };
    format!(
        "## Lists\n\n\
         Awaited, a list is one page. Iterated, it is every entry from there on, and pages are fetched as they are needed:\n\n\
         ```ts\n\
         for await (const each of fareway.listOrders({{ {size}: 100 }})) {{\n  console.log(each.id, each.status);\n}}\n\
         ```\n\n"
    )
}

const PROBLEMS: &str = "\
## Problems

A call fails with a `FarewayError`:

| class | when |
|---|---|
| `FarewayProblem` | the server says what went wrong: decide by `code`, one of the contract's, or `unknown` when it is younger than this package |
| `FarewayTransportError` | the server cannot be reached, or its answer was lost |
| `FarewayTimeoutError` | no answer came within `timeoutMs`, 30 s when absent |
| `FarewayAnswerError` | an answer does not fit the contract, such as the page of a proxy |
{oauth}
```ts
import { FarewayProblem, isProblem } from \"{package}\";

try {
  await fareway.getOrder(id);
} catch (error) {
  if (isProblem(error, \"not_found\")) {
    console.log(\"there is no such order\");
  } else if (error instanceof FarewayProblem) {
    console.log(error.code, error.detail, error.requestId, error.errors);
  } else {
    throw error;
  }
}
```

A code that the contract does not have does not compile.

";

fn oauth(api: &Api) -> &'static str {
    match api.credential {
        Credential::Key => "",
        Credential::Client => {
            "| `FarewayOAuthError` | no token is given: decide by `code`, one of RFC 6749's |\n"
        }
    }
}

fn retries(api: &Api) -> String {
    let keyed: Vec<String> = (api.operations.iter())
        .filter(|operation| operation.keyed)
        .map(|operation| format!("`{}`", operation.id))
        .collect();
    let attempts = format!(
        "What has no second effect is tried again after a lost answer, a time-out, 429, 503 and what is `retryable`: twice, after \
         times by chance from 200 ms upwards, or when the server says (`Retry-After`, 30 s at most). That is what reads, replaces or \
         removes, and what takes an idempotency key: {}. For those the client makes a key and keeps it for all attempts of the call. \
         Give an `idempotencyKey` of your own when you may have to ask again after your program has ended. `retries: 0` turns it off, \
         for the client or for a call.",
        keyed.join(", ")
    );
    format!("## Attempts\n\n{}\n", filled(&attempts).join("\n"))
}

const WEBHOOKS: &str = "
## Webhooks

`verifyWebhook` believes a webhook when it was signed with the secret of your endpoint (Standard Webhooks) within five minutes of now,
and gives what it holds; else it fails with a `FarewayWebhookError`. It takes the body as it came:

```ts
import { FarewayWebhookError, verifyWebhook } from \"{package}\";

export async function receive(request: Request, secret: string): Promise<Response> {
  try {
    const event = await verifyWebhook(secret, request.headers, await request.text());
    console.log(event.type, event.object.id);
    return new Response(null, { status: 204 });
  } catch (error) {
    if (error instanceof FarewayWebhookError) {
      return new Response(error.message, { status: 400 });
    }
    throw error;
  }
}
```
";
