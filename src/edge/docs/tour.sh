API={{base}}/public/v2
KEY='Api-Key: {{key}}'
JSON='Content-Type: application/json'

# 1. Search: London to New York and back, one adult.
FOUND=$(curl -sS "$API/offer-requests" -H "$KEY" -H "$JSON" -d '{
  "slices": [
    {"origin": "LON", "destination": "NYC", "departure_date": "2027-03-15"},
    {"origin": "NYC", "destination": "LON", "departure_date": "2027-03-22"}],
  "passengers": [{"ptc": "ADT"}]}')
OFFER=$(printf '%s' "$FOUND" | grep -o 'off_[A-Za-z0-9_-]*' | head -n 1)
PASSENGER=$(printf '%s' "$FOUND" | grep -o 'pas_[0-9a-z]*' | head -n 1)

# 2. Order it and pay with a sandbox card: a record locator and a ticket number.
ORDERED=$(curl -sS "$API/orders" -H "$KEY" -H "$JSON" -H "Idempotency-Key: tour-$PASSENGER" -d '{
  "type": "instant", "offer_id": "'"$OFFER"'",
  "passengers": [{"id": "'"$PASSENGER"'", "given_name": "Ada", "family_name": "Lovelace",
                  "born_on": "1990-12-10"}],
  "contact": {"email": "ada@example.com", "phone": "+442071234567"},
  "payment": {"type": "card", "token": "tok_visa"}}')
ORDER=$(printf '%s' "$ORDERED" | grep -o 'ord_[0-9a-z]*' | head -n 1)
printf '%s\n' "$ORDERED" | grep -oE '"(payment_status|locator|number)":"[^"]*"'

# 3. Cancel it: the quote says what comes back, and confirming it gives back the money and the seat.
QUOTED=$(curl -sS "$API/order-cancellations" -H "$KEY" -H "$JSON" -d '{"order_id": "'"$ORDER"'"}')
QUOTE=$(printf '%s' "$QUOTED" | grep -o 'ocn_[0-9a-z]*' | head -n 1)
curl -sS -X POST "$API/order-cancellations/$QUOTE/confirm" -H "$KEY" -H "Idempotency-Key: tour-$QUOTE" |
  grep -oE '"(refund|penalty)":\{[^}]*\}' | head -n 2
curl -sS "$API/orders/$ORDER" -H "$KEY" | grep -oE '"(status|payment_status)":"[^"]*"' | head -n 2
