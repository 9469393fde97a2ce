//! Journals of the ledger.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::money::money;
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::rpc::billing::v1 as billing;
use crate::rpc::common::v1::Money;
use crate::wire::problem::Problem;

pub async fn list(
    call: Call<'_>,
    request: op::ListJournalsInput,
) -> Result<op::ListJournals, Problem> {
    let filters = [
        ("order_id", request.order_id.as_deref()),
        ("account", request.account.as_deref()),
    ];
    let asked = billing::ListJournalsRequest {
        context: call.context(),
        order_id: request.order_id.clone().unwrap_or_default(),
        ledger_account: request.account.clone().unwrap_or_default(),
        page: page::asked(request.after, request.limit),
    };
    let ledger = &call.clients.ledger;
    let found = ledger.list_journals(asked, ANSWER_WITHIN).await?;
    let path = call.path("ledger/journals");
    let link = page::link(&path, &filters, request.limit, &found.next);
    let body = listed!(JournalList: found.journals.into_iter().map(journal), found.next);
    Ok(op::ListJournals::Ok { link, body })
}

fn journal(journal: billing::Journal) -> types::Journal {
    types::Journal {
        id: journal.id,
        kind: journal.kind,
        order_id: journal.order_id,
        payment_id: journal.payment_id,
        posted_at: rfc3339(journal.posted_at_us),
        lines: journal.lines.into_iter().map(line).collect(),
    }
}

/// Between services the sign tells the side; the contract says it in a word.
fn line(line: billing::JournalLine) -> types::JournalLine {
    let Money { amount, currency } = line.amount.unwrap_or_default();
    let side = if amount < 0 { "credit" } else { "debit" };
    types::JournalLine {
        account: line.ledger_account,
        side: side.to_owned(),
        amount: money(Some(&Money {
            amount: amount.saturating_abs(),
            currency,
        })),
    }
}
