//! Reads the published tables: Open Travel Data, airportsdata.
//!
//! Takes the columns that Fareway uses, by name; decimals become integers without passing through floats.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

/// A mean month of one airline between two airports.
pub struct Route {
    pub airline: String,
    pub origin: String,
    pub destination: String,
    /// Seats a month.
    pub seats: u64,
    /// Hundredths of flights a month.
    pub frequency: u64,
}

/// An airline in business.
pub struct Airline {
    pub name: String,
    pub icao: String,
    /// Three digits, or empty.
    pub accounting: String,
    pub alliance: &'static str,
    flights: u64,
}

/// An airport with an IATA code.
pub struct Airport {
    pub name: String,
    pub city: String,
    pub country: String,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    pub zone: String,
}

/// A metropolitan area.
pub struct Area {
    pub code: String,
    pub name: String,
    pub country: String,
}

/// A country and its money.
pub struct Country {
    pub name: String,
    pub currency: String,
    pub continent: String,
}

/// Airlines with a current record, by two-letter code; of several the one with most flights.
pub fn airlines(path: &Path) -> Result<BTreeMap<String, Airline>> {
    let mut airlines = BTreeMap::<String, Airline>::new();
    for row in rows(path, b'^')?.iter() {
        let code = row.get("2char_code")?;
        if code.len() != 2 || !row.get("validity_to")?.is_empty() {
            continue;
        }
        let accounting: u64 = row.get("num_code")?.parse().unwrap_or(0);
        let airline = Airline {
            name: clean(row.get("name")?),
            icao: row.get("3char_code")?.to_owned(),
            accounting: if accounting == 0 {
                String::new()
            } else {
                format!("{accounting:03}")
            },
            alliance: alliance(row.get("alliance_code")?, row.get("alliance_status")?),
            flights: row.get("flt_freq")?.parse().unwrap_or(0),
        };
        if airlines
            .get(code)
            .is_none_or(|known| known.flights < airline.flights)
        {
            airlines.insert(code.to_owned(), airline);
        }
    }
    Ok(airlines)
}

fn alliance(code: &str, status: &str) -> &'static str {
    match (code.to_ascii_lowercase().as_str(), status) {
        ("", _) | (_, "") => "",
        ("oneworld", _) => "oneworld",
        ("skyteam", _) => "SkyTeam",
        ("star alliance", _) => "Star Alliance",
        _ => "",
    }
}

/// Airports that have an IATA code, by it.
pub fn airports(path: &Path) -> Result<BTreeMap<String, Airport>> {
    let mut airports = BTreeMap::new();
    for row in rows(path, b',')?.iter() {
        let code = row.get("iata")?;
        if code.is_empty() {
            continue;
        }
        let name = clean(row.get("name")?);
        let city = clean(row.get("city")?);
        let airport = Airport {
            // A few small fields have no city: they are called by their own name.
            city: if city.is_empty() { name.clone() } else { city },
            name,
            country: row.get("country")?.to_owned(),
            latitude_e6: fixed(row.get("lat")?, 6)?,
            longitude_e6: fixed(row.get("lon")?, 6)?,
            zone: row.get("tz")?.to_owned(),
        };
        airports.insert(code.to_owned(), airport);
    }
    Ok(airports)
}

/// Countries by ISO 3166-1 alpha-2 code.
pub fn countries(path: &Path) -> Result<BTreeMap<String, Country>> {
    rows(path, b'^')?
        .iter()
        .map(|row| {
            let country = Country {
                name: clean(row.get("name")?),
                currency: row.get("ccy_code")?.to_owned(),
                continent: row.get("cont_code")?.to_owned(),
            };
            Ok((row.get("iso_2char_code")?.to_owned(), country))
        })
        .collect()
}

/// Metropolitan areas by the airports they hold.
pub fn areas(path: &Path) -> Result<BTreeMap<String, Area>> {
    rows(path, b',')?
        .iter()
        .map(|row| {
            let area = Area {
                code: row.get("City Code")?.to_owned(),
                name: clean(row.get("City Name")?),
                country: row.get("Country")?.to_owned(),
            };
            Ok((row.get("Airport Code")?.to_owned(), area))
        })
        .collect()
}

/// Names of aircraft by IATA equipment code.
pub fn aircraft(path: &Path) -> Result<BTreeMap<String, String>> {
    rows(path, b'^')?
        .iter()
        .map(|row| {
            let (maker, model) = (row.get("manufacturer")?, clean(row.get("model")?));
            let maker = maker.strip_suffix(" Canada-Bombardier").unwrap_or(maker);
            let name = if model.starts_with(maker) {
                model
            } else {
                format!("{maker} {model}")
            };
            Ok((row.get("iata_code")?.to_owned(), name))
        })
        .collect()
}

/// What each airline flies in a mean month.
pub fn routes(path: &Path) -> Result<Vec<Route>> {
    let mut routes = rows(path, b'^')?
        .iter()
        .map(|row| {
            Ok(Route {
                airline: row.get("airline_code")?.to_owned(),
                origin: row.get("apt_org")?.to_owned(),
                destination: row.get("apt_dst")?.to_owned(),
                seats: u64::try_from(fixed(row.get("seats_mtly_avg")?, 2)? + 50)? / 100,
                frequency: u64::try_from(fixed(row.get("freq_mtly_avg")?, 2)?)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    routes.sort_by(|a, b| {
        (&a.airline, &a.origin, &a.destination).cmp(&(&b.airline, &b.origin, &b.destination))
    });
    Ok(routes)
}

/// One row, read by the names of its columns.
pub struct Row<'a> {
    columns: &'a BTreeMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    pub fn get(&self, column: &str) -> Result<&str> {
        self.columns
            .get(column)
            .and_then(|&index| self.record.get(index))
            .with_context(|| format!("no column {column}"))
    }
}

/// A whole table. OPTD's own tables are not quoted; a caret is their only special character.
pub struct Table {
    columns: BTreeMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl Table {
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row {
            columns: &self.columns,
            record,
        })
    }
}

/// Reads a table with a header line.
pub fn rows(path: &Path, delimiter: u8) -> Result<Table> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(delimiter == b',')
        .from_path(path)
        .with_context(|| format!("reading {}", path.display()))?;
    let columns = reader
        .headers()?
        .iter()
        .enumerate()
        .map(|(index, name)| (name.to_owned(), index))
        .collect();
    let records = reader
        .records()
        .collect::<Result<_, _>>()
        .with_context(|| format!("reading {}", path.display()))?;
    Ok(Table { columns, records })
}

/// A decimal as an integer of `places` decimal places; further digits are cut.
pub fn fixed(text: &str, places: usize) -> Result<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(places)
        .collect();
    format!("{whole}{digits}")
        .parse()
        .with_context(|| format!("{text} is not a decimal"))
}

/// A caret separates the fields of the compact form, so no field may hold one.
fn clean(text: &str) -> String {
    text.replace('^', " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_integers() {
        for (text, places, value) in [
            ("51.4706", 6, 51_470_600),
            ("-0.46194", 6, -461_940),
            ("3", 2, 300),
            ("15.505", 2, 1550),
        ] {
            assert_eq!(fixed(text, places).expect(text), value, "{text}");
        }
        assert!(fixed("n/a", 2).is_err());
    }
}
