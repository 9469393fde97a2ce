//! Accounts: open, list, read, change the credit limit.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::edge::condition::{unless_known, version_seen};
use crate::edge::money::{large, money};
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::AccountId;
use crate::rpc::common::v1::Money;
use crate::rpc::identity::v1 as identity;
use crate::wire::etag;
use crate::wire::problem::Problem;

pub async fn create(
    call: Call<'_>,
    id: AccountId,
    request: op::CreateAccountInput,
) -> Result<op::CreateAccount, Problem> {
    let (name, agency) = match request.body {
        types::AccountInput::Developer(input) => (input.name, None),
        types::AccountInput::Agency(input) => (input.name, Some(agency_asked(input.agency))),
    };
    let asked = identity::CreateAccountRequest {
        context: call.context(),
        account_id: id.into(),
        name,
        test: !call.caller.livemode,
        world: call.caller.world.clone(),
        agency,
        ..identity::CreateAccountRequest::default()
    };
    let accounts = &call.clients.accounts;
    let opened = accounts.create_account(asked, ANSWER_WITHIN).await?;
    let idempotency_replayed = opened.replayed;
    let body = account(opened);
    Ok(op::CreateAccount::Created {
        location: call.location("accounts", &body.id),
        etag: etag::of_version(body.version),
        idempotency_replayed,
        body,
    })
}

pub async fn list(
    call: Call<'_>,
    request: op::ListAccountsInput,
) -> Result<op::ListAccounts, Problem> {
    let asked = identity::ListAccountsRequest {
        context: call.context(),
        page: page::asked(request.after, request.limit),
    };
    let accounts = &call.clients.accounts;
    let found = accounts.list_accounts(asked, ANSWER_WITHIN).await?;
    let link = page::link(&call.path("accounts"), &[], request.limit, &found.next);
    let body = listed!(AccountList: found.accounts.into_iter().map(account), found.next);
    Ok(op::ListAccounts::Ok { link, body })
}

pub async fn get(call: Call<'_>, request: op::GetAccountInput) -> Result<op::GetAccount, Problem> {
    let body = account(read(call, &request.account_id).await?);
    let etag = etag::of_version(body.version);
    Ok(unless_known!(GetAccount, request.if_none_match, etag, body))
}

pub async fn update(
    call: Call<'_>,
    request: op::UpdateAccountInput,
) -> Result<op::UpdateAccount, Problem> {
    let current = read(call, &request.account_id).await?.version;
    let asked = identity::SetCreditLimitRequest {
        context: call.context(),
        expected_version: version_seen(request.if_match.as_deref(), current)?,
        account_id: request.account_id,
        credit_limit: Some(limit_asked(request.body.credit_limit)),
    };
    let accounts = &call.clients.accounts;
    let changed = accounts.set_credit_limit(asked, ANSWER_WITHIN).await?;
    let body = account(changed);
    let etag = etag::of_version(body.version);
    Ok(op::UpdateAccount::Ok { etag, body })
}

async fn read(call: Call<'_>, account_id: &str) -> Result<identity::Account, Problem> {
    let asked = identity::GetAccountRequest {
        context: call.context(),
        account_id: account_id.to_owned(),
    };
    let accounts = &call.clients.accounts;
    Ok(accounts.get_account(asked, ANSWER_WITHIN).await?)
}

fn agency_asked(input: types::AgencyInput) -> identity::Agency {
    identity::Agency {
        iata_number: input.iata_number,
        credit_limit: Some(limit_asked(input.credit_limit)),
    }
}

fn limit_asked(input: types::CreditLimitInput) -> Money {
    Money {
        amount: input.amount,
        currency: input.currency,
    }
}

fn account(account: identity::Account) -> types::Account {
    let kind = if account.agency.is_some() {
        "agency"
    } else {
        "developer"
    };
    types::Account {
        id: account.id,
        name: account.name,
        kind: kind.to_owned(),
        agency: account.agency.map(|agency| types::Agency {
            iata_number: agency.iata_number,
            credit_limit: money(agency.credit_limit.as_ref()),
        }),
        livemode: account.livemode,
        test_clock_id: filled(account.clock_id),
        created_at: rfc3339(account.created_at_us),
        version: large(account.version),
    }
}
