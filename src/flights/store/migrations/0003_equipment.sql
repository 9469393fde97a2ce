-- The aircraft that flies instead of that of the timetable: its IATA type and its seats, which tell its seating; empty when none does.
ALTER TABLE flight_dates ADD COLUMN equipment TEXT NOT NULL DEFAULT '';
ALTER TABLE flight_dates ADD COLUMN equipment_seats INTEGER NOT NULL DEFAULT 0;
