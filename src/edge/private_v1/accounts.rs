//! Accounts: open, list, read, change the credit limit.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, filled};
use crate::edge::money::{large, money};
use crate::edge::{condition, page};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::AccountId;
use crate::platform::auth::Caller;
use crate::rpc::common::v1::Money;
use crate::rpc::identity::v1 as identity;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::Door;

pub async fn create(
    door: &Door,
    caller: &Caller,
    id: AccountId,
    request: op::CreateAccountInput,
) -> Result<op::CreateAccount, Problem> {
    let (name, agency) = match request.body {
        types::AccountInput::Developer(input) => (input.name, None),
        types::AccountInput::Agency(input) => (input.name, Some(agency_asked(input.agency))),
    };
    let asked = identity::CreateAccountRequest {
        context: context(caller),
        account_id: id.into(),
        name,
        test: !caller.livemode,
        world: caller.world.clone(),
        agency,
        ..identity::CreateAccountRequest::default()
    };
    let opened = door
        .clients
        .accounts
        .create_account(asked, ANSWER_WITHIN)
        .await?;
    let idempotency_replayed = opened.replayed;
    let body = account(opened);
    Ok(op::CreateAccount::Created {
        location: format!("/private/v1/accounts/{}", body.id),
        etag: etag::of_version(body.version),
        idempotency_replayed,
        body,
    })
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListAccountsInput,
) -> Result<op::ListAccounts, Problem> {
    let asked = identity::ListAccountsRequest {
        context: context(caller),
        page: page::asked(request.after, request.limit),
    };
    let found = door
        .clients
        .accounts
        .list_accounts(asked, ANSWER_WITHIN)
        .await?;
    let link = page::link("/private/v1/accounts", &[], request.limit, &found.next);
    let body = types::AccountList {
        data: found.accounts.into_iter().map(account).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListAccounts::Ok { link, body })
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetAccountInput,
) -> Result<op::GetAccount, Problem> {
    let body = account(read(door, caller, &request.account_id).await?);
    let etag = etag::of_version(body.version);
    Ok(
        match condition::is_known(request.if_none_match.as_deref(), &etag) {
            true => op::GetAccount::NotModified { etag },
            false => op::GetAccount::Ok { etag, body },
        },
    )
}

pub async fn update(
    door: &Door,
    caller: &Caller,
    request: op::UpdateAccountInput,
) -> Result<op::UpdateAccount, Problem> {
    let current = read(door, caller, &request.account_id).await?.version;
    let asked = identity::SetCreditLimitRequest {
        context: context(caller),
        expected_version: condition::version_seen(request.if_match.as_deref(), current)?,
        account_id: request.account_id,
        credit_limit: Some(limit_asked(request.body.credit_limit)),
    };
    let changed = door
        .clients
        .accounts
        .set_credit_limit(asked, ANSWER_WITHIN)
        .await?;
    let body = account(changed);
    Ok(op::UpdateAccount::Ok {
        etag: etag::of_version(body.version),
        body,
    })
}

async fn read(
    door: &Door,
    caller: &Caller,
    account_id: &str,
) -> Result<identity::Account, Problem> {
    let asked = identity::GetAccountRequest {
        context: context(caller),
        account_id: account_id.to_owned(),
    };
    Ok(door
        .clients
        .accounts
        .get_account(asked, ANSWER_WITHIN)
        .await?)
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
