//! What billing tells about payments and the ledger. Each reader sees its own account's in its world; the platform itself,
//! which has no account, sees the world's whole for audits.

use super::payment::{Method, Payment};
use super::store::{self, JournalQuery, Scope, StoredJournal};
use super::{BillingService, Error, to_wire};
use crate::kernel::money::Money;
use crate::rpc::billing::v1 as rpc;
use crate::rpc::common::v1::Context;

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 1000;

impl BillingService {
    pub(super) async fn payment(
        &self,
        request: &rpc::GetPaymentRequest,
    ) -> Result<rpc::Payment, Error> {
        let scope = scope(request.context.as_ref())?;
        let found = store::find_payment(self.db.reader(), &scope, &request.payment_id).await?;
        found.map(told).ok_or(Error::NotFound("payment"))
    }

    pub(super) async fn payments(
        &self,
        request: &rpc::ListPaymentsRequest,
    ) -> Result<rpc::ListPaymentsResponse, Error> {
        let scope = scope(request.context.as_ref())?;
        let payments = store::payments(self.db.reader(), &scope, &request.order_id).await?;
        Ok(rpc::ListPaymentsResponse {
            payments: payments.into_iter().map(told).collect(),
        })
    }

    pub(super) async fn reconciled(
        &self,
        request: &rpc::ReconcileRequest,
    ) -> Result<rpc::ReconcileResponse, Error> {
        let scope = scope(request.context.as_ref())?;
        let now_us = request.context.as_ref().map_or(0, |context| context.now_us);
        Ok(rpc::ReconcileResponse {
            resolved: self.resolve_unknown(&scope, now_us).await?,
        })
    }

    pub(super) async fn balance(
        &self,
        request: &rpc::GetBalanceRequest,
    ) -> Result<rpc::GetBalanceResponse, Error> {
        let scope = scope(request.context.as_ref())?;
        let balances = store::balances(
            self.db.reader(),
            &scope,
            &request.ledger_account,
            &request.order_id,
        )
        .await?;
        Ok(rpc::GetBalanceResponse {
            balances: balances.into_iter().map(to_wire).collect(),
        })
    }

    pub(super) async fn credit(
        &self,
        request: &rpc::GetCreditRequest,
    ) -> Result<rpc::CreditAccount, Error> {
        let scope = scope(request.context.as_ref())?;
        let account_id = match request.account_id.as_str() {
            "" => &scope.account_id,
            other if scope.account_id.is_empty() || scope.account_id == other => {
                &request.account_id
            }
            _ => return Err(Error::NotFound("credit")),
        };
        let found = store::credit(self.db.reader(), &scope.world, account_id).await?;
        let credit = found.ok_or(Error::NotFound("credit"))?;
        let part = |amount| Some(to_wire(Money::new(amount, credit.limit.currency)));
        Ok(rpc::CreditAccount {
            account_id: account_id.clone(),
            limit: part(credit.limit.amount),
            posted: part(credit.posted),
            pending: part(credit.pending),
            available: part(credit.available()),
        })
    }

    pub(super) async fn journals(
        &self,
        request: &rpc::ListJournalsRequest,
    ) -> Result<rpc::ListJournalsResponse, Error> {
        let scope = scope(request.context.as_ref())?;
        let page = request.page.clone().unwrap_or_default();
        let after = match page.after.as_str() {
            "" => 0,
            // Nothing follows a position that was never told.
            position => position.parse().unwrap_or(i64::MAX),
        };
        let limit = if page.limit == 0 {
            PAGE_DEFAULT
        } else {
            page.limit.min(PAGE_MAX)
        };
        let query = JournalQuery {
            scope: &scope,
            order_id: &request.order_id,
            ledger_account: &request.ledger_account,
            after,
            limit,
        };
        let journals = store::journals(self.db.reader(), &query).await?;
        let full = u32::try_from(journals.len()).is_ok_and(|count| count == limit);
        let next = journals
            .last()
            .filter(|_| full)
            .map_or_else(String::new, |last| last.position.to_string());
        Ok(rpc::ListJournalsResponse {
            journals: journals.into_iter().map(told_journal).collect(),
            next,
        })
    }
}

fn scope(context: Option<&Context>) -> Result<Scope, Error> {
    let context = context
        .filter(|context| !context.world.is_empty())
        .ok_or(Error::Invalid("context"))?;
    Ok(Scope {
        world: context.world.clone(),
        account_id: context.account_id.clone(),
    })
}

fn told(payment: Payment) -> rpc::Payment {
    let part = |amount| to_wire(Money::new(amount, payment.amount.currency));
    rpc::Payment {
        captured: Some(part(payment.captured)),
        refunded: Some(part(payment.refunded)),
        amount: Some(to_wire(payment.amount)),
        status: payment.status.as_str().to_owned(),
        id: payment.id,
        order_id: payment.order_id,
        account_id: payment.account_id,
        decline_code: payment.decline_code,
        created_at_us: payment.created_at_us,
        method: match payment.method {
            Method::Card => rpc::PaymentMethod::Card,
            Method::AgencyCredit => rpc::PaymentMethod::AgencyCredit,
        }
        .into(),
    }
}

fn told_journal(journal: StoredJournal) -> rpc::Journal {
    let lines = journal.lines.into_iter();
    rpc::Journal {
        id: journal.id,
        kind: journal.kind,
        order_id: journal.order_id,
        payment_id: journal.payment_id,
        posted_at_us: journal.posted_at_us,
        lines: lines
            .map(|(ledger_account, amount)| rpc::JournalLine {
                ledger_account,
                amount: Some(to_wire(amount)),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::tests::harness::{ACCOUNT, Harness, context, pay, whole};
    use crate::rpc::billing::v1::ledger_server::Ledger;
    use crate::rpc::billing::v1::payments_server::Payments;
    use crate::rpc::billing::v1::{GetPaymentRequest, ListJournalsRequest, ListPaymentsRequest};
    use crate::rpc::common::v1::Page;
    use tonic::Request;

    #[tokio::test]
    async fn nobody_sees_the_payments_and_journals_of_another() {
        let harness = Harness::new().await;
        harness.say("evt_1", pay(100, "tok_visa")).await;
        for context in [
            context("acc_2"),
            Some(Context {
                world: "wld_other".to_owned(),
                ..Context::default()
            }),
        ] {
            let request = GetPaymentRequest {
                context: context.clone(),
                payment_id: "pay_1".to_owned(),
            };
            let refused = harness
                .billing
                .get_payment(Request::new(request))
                .await
                .expect_err("not theirs");
            assert_eq!(refused.code(), tonic::Code::NotFound);
            let request = ListPaymentsRequest {
                context: context.clone(),
                order_id: "ord_1".to_owned(),
            };
            let listed = harness
                .billing
                .list_payments(Request::new(request))
                .await
                .expect("reads")
                .into_inner();
            assert!(listed.payments.is_empty());
            let request = ListJournalsRequest {
                context,
                ..ListJournalsRequest::default()
            };
            let listed = harness
                .billing
                .list_journals(Request::new(request))
                .await
                .expect("reads")
                .into_inner();
            assert!(listed.journals.is_empty());
        }
        assert_eq!(harness.journals(ACCOUNT).await, ["authorize"]);
    }

    #[tokio::test]
    async fn journals_are_listed_page_by_page() {
        let harness = Harness::new().await;
        harness.say("evt_1", pay(100, "tok_visa")).await;
        harness.say("evt_2", whole()).await;
        let (mut after, mut kinds) = (String::new(), Vec::new());
        loop {
            let page = Some(Page { after, limit: 1 });
            let request = ListJournalsRequest {
                context: context(ACCOUNT),
                order_id: "ord_1".to_owned(),
                page,
                ..ListJournalsRequest::default()
            };
            let listed = harness
                .billing
                .list_journals(Request::new(request))
                .await
                .expect("reads")
                .into_inner();
            kinds.extend(listed.journals.into_iter().map(|journal| journal.kind));
            if listed.next.is_empty() {
                break;
            }
            after = listed.next;
        }
        assert_eq!(kinds, ["authorize", "capture"]);
    }
}
