//! The agency itself, and its credit.

use tonic::Code;

use crate::api::partner_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::condition::unless_known;
use crate::edge::money::money;
use crate::rpc::billing::v1::{CreditAccount, GetCreditRequest};
use crate::rpc::common::v1::Money;
use crate::rpc::identity::v1::{Account, GetAccountRequest};
use crate::wire::etag;
use crate::wire::problem::Problem;

pub async fn get(call: Call<'_>, request: op::GetAgencyInput) -> Result<op::GetAgency, Problem> {
    let asked = GetAccountRequest {
        context: call.context(),
        account_id: call.caller.account_id.clone(),
    };
    let accounts = &call.clients.accounts;
    let account = accounts.get_account(asked, ANSWER_WITHIN).await?;
    let asked = GetCreditRequest {
        context: call.context(),
        account_id: String::new(),
    };
    let credit = match call.clients.credit.get_credit(asked, ANSWER_WITHIN).await {
        Ok(credit) => credit,
        // Billing hears of an agency a moment after identity has made it: nothing is used until then.
        Err(status) if status.code() == Code::NotFound => unused(&account),
        Err(status) => return Err(status.into()),
    };
    let body = agency(account, &credit);
    let etag = etag::of_body(&body);
    Ok(unless_known!(GetAgency, request.if_none_match, etag, body))
}

fn unused(account: &Account) -> CreditAccount {
    let limit = account
        .agency
        .as_ref()
        .and_then(|agency| agency.credit_limit.clone());
    CreditAccount {
        available: limit.clone(),
        limit,
        ..CreditAccount::default()
    }
}

fn agency(account: Account, credit: &CreditAccount) -> types::Agency {
    let limit = money(credit.limit.as_ref());
    let owed = |part: &Option<Money>| part.as_ref().map_or(0, |part| part.amount);
    types::Agency {
        id: account.id,
        name: account.name,
        iata_number: account.agency.unwrap_or_default().iata_number,
        currency: limit.currency.clone(),
        credit_used: types::Money {
            amount: owed(&credit.posted) + owed(&credit.pending),
            ..limit.clone()
        },
        credit_limit: limit,
        credit_available: money(credit.available.as_ref()),
        livemode: account.livemode,
    }
}
