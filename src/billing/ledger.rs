//! Journals: what each movement of money means in double entry. Debits are positive, credits negative, and the lines of a
//! journal sum to zero in each currency, or there is no journal.
//!
//! What is promised is pending in `…:pending` accounts until one journal resolves it: by the payment provider, or by an agency
//! on its credit, which then owes it (`agency_receivable:…`). A capture turns it into what is owed:
//! carriage to the carrier's passengers until it is flown, taxes to their states; services are earned. A refund is owed when asked
//! and paid when the provider has done it. An exchange replaces what is owed by something else and moves no money: what the two differ by is
//! cleared by the capture or the refund that settles it. Storing journals is the store's matter.
#![deny(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::from_wire;
use super::payment::Method;
use crate::kernel::money::{self, Money};
use crate::rpc::events::v1::AmountLine;

/// Money at the payment provider.
const PSP_CLEARING: &str = "psp_clearing";
const CUSTOMER_FUNDS_PENDING: &str = "customer_funds:pending";
const REFUNDS_PAYABLE: &str = "refunds_payable";
const REVENUE_PENALTY: &str = "revenue:penalty";
/// Services that were bought with a fare: they are not refundable, so they are earned at once.
const REVENUE_ANCILLARY: &str = "revenue:ancillary";
/// What exchanges leave to collect or to give back.
const EXCHANGE_CLEARING: &str = "exchange_clearing";

/// The lines would not sum to zero, or do not say what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// The parts are not the whole.
    #[error("the parts are not the whole")]
    PartsAndWhole,
    /// A line has no amount, less than nothing, or another currency.
    #[error("a line is not valid")]
    Line,
    /// A sum does not fit 64 bits.
    #[error("the amounts are too large")]
    Overflow,
}

impl From<money::Error> for Unbalanced {
    fn from(error: money::Error) -> Self {
        match error {
            money::Error::CurrencyMismatch(..) => Self::Line,
            money::Error::Overflow => Self::Overflow,
        }
    }
}

/// What kind of movement a journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Authorize,
    Capture,
    Void,
    /// A refund is owed.
    Refund,
    /// A refund was paid.
    RefundPaid,
    /// A refund that was owed could not be paid.
    RefundReversed,
    /// Something else is owed than before.
    Exchange,
}

impl Kind {
    /// The word in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Authorize => "authorize",
            Kind::Capture => "capture",
            Kind::Void => "void",
            Kind::Refund => "refund",
            Kind::RefundPaid => "refund_paid",
            Kind::RefundReversed => "refund_reversed",
            Kind::Exchange => "exchange",
        }
    }
}

/// One side of a movement.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub ledger_account: String,
    pub amount: Money,
}

/// A movement whose lines are known to balance.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    kind: Kind,
    lines: Vec<Line>,
}

impl Journal {
    /// The only way to a journal: none whose lines do not sum to zero in each currency. Lines of nothing are left out.
    pub fn new(kind: Kind, lines: Vec<Line>) -> Result<Self, Unbalanced> {
        let mut sums = BTreeMap::new();
        for line in &lines {
            let sum = sums
                .entry(line.amount.currency)
                .or_insert(Money::zero(line.amount.currency));
            *sum = sum.plus(line.amount)?;
        }
        if sums.values().any(|sum| sum.amount != 0) {
            return Err(Unbalanced::PartsAndWhole);
        }
        Ok(Self {
            kind,
            lines: lines
                .into_iter()
                .filter(|line| line.amount.amount != 0)
                .collect(),
        })
    }

    /// What kind of movement it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its lines, none of them empty.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

/// The two ledger accounts that a payment's money comes through.
#[derive(Clone, Debug, PartialEq)]
pub struct Clearing {
    /// Where it is once it was taken.
    pub there: String,
    /// Where it is expected while it is only promised.
    pub promised: String,
}

impl Clearing {
    /// The provider's, or what the account owes.
    pub fn of(method: Method, account_id: &str) -> Self {
        let there = match method {
            Method::Card => PSP_CLEARING.to_owned(),
            Method::AgencyCredit => format!("agency_receivable:{account_id}"),
        };
        Self {
            promised: format!("{there}:pending"),
            there,
        }
    }

    fn pending(&self, amount: Money) -> Result<[Line; 2], Unbalanced> {
        Ok([
            line(&self.promised, amount),
            line(CUSTOMER_FUNDS_PENDING, negative(amount)?),
        ])
    }
}

/// `amount` is promised.
pub fn authorize(through: &Clearing, amount: Money) -> Result<Journal, Unbalanced> {
    Journal::new(Kind::Authorize, through.pending(amount)?.into())
}

/// The promise ends without money.
pub fn void(through: &Clearing, amount: Money) -> Result<Journal, Unbalanced> {
    Journal::new(Kind::Void, through.pending(negative(amount)?)?.into())
}

/// Of what was `authorized`, `captured` is taken and the rest let go; `parts` say what it was for.
pub fn capture(
    through: &Clearing,
    authorized: Money,
    captured: Money,
    parts: &[AmountLine],
) -> Result<Journal, Unbalanced> {
    let mut lines = Vec::from(through.pending(negative(authorized)?)?);
    lines.push(line(&through.there, captured));
    for part in parts {
        lines.push(Line {
            ledger_account: owed_account(part),
            amount: negative(amount_of(part, captured)?)?,
        });
    }
    Journal::new(Kind::Capture, lines)
}

/// `given` is owed to the customer, `retained` is earned as a penalty, and what was owed for carriage and taxes is so no more.
pub fn refund(
    given: Money,
    parts: &[AmountLine],
    retained: &[AmountLine],
) -> Result<Journal, Unbalanced> {
    let mut lines = vec![line(REFUNDS_PAYABLE, negative(given)?)];
    for part in parts {
        lines.push(Line {
            ledger_account: owed_account(part),
            amount: amount_of(part, given)?,
        });
    }
    for part in retained {
        let amount = amount_of(part, given)?;
        lines.push(Line {
            ledger_account: carriage_account(&part.owner),
            amount,
        });
        lines.push(line(REVENUE_PENALTY, negative(amount)?));
    }
    Journal::new(Kind::Refund, lines)
}

/// `amount` was given back the way it came.
pub fn refund_paid(through: &Clearing, amount: Money) -> Result<Journal, Unbalanced> {
    Journal::new(
        Kind::RefundPaid,
        vec![
            line(REFUNDS_PAYABLE, amount),
            line(&through.there, negative(amount)?),
        ],
    )
}

/// A refund that cannot be paid is owed no more.
pub fn refund_reversed(
    given: Money,
    parts: &[AmountLine],
    retained: &[AmountLine],
) -> Result<Journal, Unbalanced> {
    let mut lines = refund(given, parts, retained)?.lines;
    for line in &mut lines {
        line.amount = negative(line.amount)?;
    }
    Journal::new(Kind::RefundReversed, lines)
}

/// What was owed by the parts `replaced` is owed no more, and the parts `lines` are instead.
pub fn exchange(replaced: &[AmountLine], lines: &[AmountLine]) -> Result<Journal, Unbalanced> {
    let first = replaced
        .first()
        .and_then(|part| from_wire(part.amount.as_ref()));
    let first = first.ok_or(Unbalanced::Line)?;
    let (mut difference, mut movement) = (Money::zero(first.currency), Vec::new());
    for part in replaced {
        let amount = amount_of(part, first)?;
        difference = difference.minus(amount)?;
        movement.push(line(&owed_account(part), amount));
    }
    for part in lines {
        let amount = amount_of(part, first)?;
        difference = difference.plus(amount)?;
        movement.push(line(&owed_account(part), negative(amount)?));
    }
    movement.push(line(EXCHANGE_CLEARING, difference));
    Journal::new(Kind::Exchange, movement)
}

/// To whom a part of a price is owed.
fn owed_account(part: &AmountLine) -> String {
    match part.kind.as_str() {
        "tax" => format!("tax_payable:{}:{}", part.owner, part.code),
        "penalty" => REVENUE_PENALTY.to_owned(),
        "service" => REVENUE_ANCILLARY.to_owned(),
        "exchange" => EXCHANGE_CLEARING.to_owned(),
        // Fares and surcharges are earned when the passenger has flown.
        _ => carriage_account(&part.owner),
    }
}

fn carriage_account(carrier: &str) -> String {
    format!("air_traffic_liability:{carrier}")
}

fn amount_of(part: &AmountLine, whole: Money) -> Result<Money, Unbalanced> {
    from_wire(part.amount.as_ref())
        .filter(|amount| amount.amount >= 0 && amount.currency == whole.currency)
        .ok_or(Unbalanced::Line)
}

fn line(ledger_account: &str, amount: Money) -> Line {
    Line {
        ledger_account: ledger_account.to_owned(),
        amount,
    }
}

fn negative(amount: Money) -> Result<Money, Unbalanced> {
    Ok(Money::zero(amount.currency).minus(amount)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::Currency;
    use crate::rpc::common::v1 as wire;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::parse("EUR").expect("three letters"))
    }

    fn card() -> Clearing {
        Clearing::of(Method::Card, "acc_1")
    }

    /// `kind code owner amount`, a dash for none.
    fn parts(text: &str) -> Vec<AmountLine> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let part = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            AmountLine {
                kind: words[0].to_owned(),
                code: words[1].trim_matches('-').to_owned(),
                owner: words[2].to_owned(),
                amount: Some(wire::Money {
                    amount: words[3].parse().expect("an amount"),
                    currency: "EUR".to_owned(),
                }),
            }
        };
        lines.map(part).collect()
    }

    fn told(journal: Result<Journal, Unbalanced>) -> Vec<String> {
        let journal = journal.expect("it balances");
        journal
            .lines()
            .iter()
            .map(|l| format!("{} {}", l.ledger_account, l.amount.amount))
            .collect()
    }

    const PRICE: &str = "fare - LH 60
        surcharge - LH 10
        service BAG LH 10
        tax DE DE 15
        tax US US 5";

    #[test]
    fn each_movement_is_a_balanced_journal() {
        assert_eq!(
            told(authorize(&card(), eur(100))),
            ["psp_clearing:pending 100", "customer_funds:pending -100"]
        );
        assert_eq!(
            told(void(&card(), eur(100))),
            ["psp_clearing:pending -100", "customer_funds:pending 100"]
        );
        assert_eq!(
            told(capture(&card(), eur(120), eur(100), &parts(PRICE))),
            [
                "psp_clearing:pending -120",
                "customer_funds:pending 120",
                "psp_clearing 100",
                "air_traffic_liability:LH -60",
                "air_traffic_liability:LH -10",
                "revenue:ancillary -10",
                "tax_payable:DE:DE -15",
                "tax_payable:US:US -5",
            ]
        );
        let (back, kept) = (
            parts("fare - LH 40\ntax DE DE 15\ntax US US 5"),
            parts("penalty - LH 40"),
        );
        let owed = [
            "refunds_payable -60",
            "air_traffic_liability:LH 40",
            "tax_payable:DE:DE 15",
            "tax_payable:US:US 5",
            "air_traffic_liability:LH 40",
            "revenue:penalty -40",
        ];
        assert_eq!(told(refund(eur(60), &back, &kept)), owed);
        assert_eq!(
            told(refund_paid(&card(), eur(60))),
            ["refunds_payable 60", "psp_clearing -60"]
        );
        assert_eq!(
            told(refund_reversed(eur(60), &back, &kept))[0],
            "refunds_payable 60"
        );
    }

    #[test]
    fn exchange_leaves_the_difference_to_who_settles_it() {
        let dearer = "fare - LH 90
            tax DE DE 25
            penalty - LH 30";
        assert_eq!(
            told(exchange(&parts(PRICE), &parts(dearer))),
            [
                "air_traffic_liability:LH 60",
                "air_traffic_liability:LH 10",
                "revenue:ancillary 10",
                "tax_payable:DE:DE 15",
                "tax_payable:US:US 5",
                "air_traffic_liability:LH -90",
                "tax_payable:DE:DE -25",
                "revenue:penalty -30",
                "exchange_clearing 45",
            ]
        );
        let difference = parts("exchange - LH 45");
        assert_eq!(
            told(capture(&card(), eur(45), eur(45), &difference)).last(),
            Some(&"exchange_clearing -45".to_owned())
        );
        let cheaper = parts("fare - LH 40");
        assert_eq!(
            told(exchange(&parts(PRICE), &cheaper)).last(),
            Some(&"exchange_clearing -60".to_owned())
        );
        assert_eq!(
            told(refund(eur(60), &parts("exchange - LH 60"), &[])),
            ["refunds_payable -60", "exchange_clearing 60"]
        );
        assert_eq!(
            told(exchange(&parts(PRICE), &parts("fare - LH 100"))).len(),
            6,
            "nothing is left of an even one"
        );
        assert_eq!(exchange(&[], &cheaper), Err(Unbalanced::Line));
    }

    #[test]
    fn credit_is_owed_by_the_account_from_capture_to_refund() {
        let credit = Clearing::of(Method::AgencyCredit, "acc_1");
        assert_eq!(
            told(authorize(&credit, eur(100))),
            [
                "agency_receivable:acc_1:pending 100",
                "customer_funds:pending -100"
            ]
        );
        assert_eq!(
            told(capture(&credit, eur(100), eur(100), &parts(PRICE)))[..3],
            [
                "agency_receivable:acc_1:pending -100",
                "customer_funds:pending 100",
                "agency_receivable:acc_1 100"
            ]
        );
        assert_eq!(
            told(refund_paid(&credit, eur(60))),
            ["refunds_payable 60", "agency_receivable:acc_1 -60"]
        );
    }

    #[test]
    fn what_does_not_add_up_is_no_journal() {
        let price = parts(PRICE);
        for (journal, error) in [
            (
                capture(&card(), eur(100), eur(99), &price),
                Unbalanced::PartsAndWhole,
            ),
            (
                capture(&card(), eur(100), eur(100), &price[1..]),
                Unbalanced::PartsAndWhole,
            ),
            (
                capture(
                    &card(),
                    eur(100),
                    eur(100),
                    &parts("fare - LH 101\nfare - LH -1"),
                ),
                Unbalanced::Line,
            ),
            (
                refund(eur(50), &parts("fare - LH 40"), &[]),
                Unbalanced::PartsAndWhole,
            ),
            (
                capture(
                    &card(),
                    eur(1),
                    Money::new(1, Currency::parse("JPY").expect("three letters")),
                    &parts("fare - LH 1"),
                ),
                Unbalanced::Line,
            ),
            (authorize(&card(), eur(i64::MIN)), Unbalanced::Overflow),
        ] {
            assert_eq!(journal, Err(error));
        }
        let mixed = vec![
            line("a", eur(1)),
            line(
                "b",
                Money::new(-1, Currency::parse("JPY").expect("three letters")),
            ),
        ];
        assert_eq!(
            Journal::new(Kind::Void, mixed),
            Err(Unbalanced::PartsAndWhole)
        );
    }
}
