package notify

import (
	"fmt"
	"strconv"
)

// Money is an amount in tenths of a penny, before VAT.
type Money int64

// String returns the amount in pounds, with a tenth of a penny where there is one:
// "£1.20", "£0.024".
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	pence := fmt.Sprintf("%02d", m/10%100)
	if rest := m % 10; rest != 0 {
		pence += strconv.Itoa(int(rest))
	}
	return sign + "£" + strconv.FormatInt(int64(m/1000), 10) + "." + pence
}

// Prices are what the service charges, before VAT. Emails and the NHS App are
// free.
type Prices struct {
	Fragment Money // of a text message, see [Estimate]
	Letter   Money
}

// PublishedPrices returns the prices on the service's website in August 2026: 2.4p
// for a fragment, 76p for a standard letter. A contract may have others.
func PublishedPrices() Prices { return Prices{Fragment: 24, Letter: 760} }

// Estimate is what messages cost, as far as that is known beforehand: it depends
// on which channel reaches each person. Messages to people who turn out to have
// died, or to have no record, cost nothing. Repeated attempts are not counted.
type Estimate struct {
	Messages  int
	Fragments int   // of text messages, if all of them are sent
	Letters   int   // if all of them are sent
	Least     Money // if the first channel reaches everyone
	Most      Money // if every channel is attempted

	// Partial says that it costs more, or may: the templates or the text of one are
	// not known, a value is missing, or the service fills something in, such as the
	// person's name.
	Partial bool
}

// Plus returns the sum of two estimates.
func (e Estimate) Plus(other Estimate) Estimate {
	return Estimate{
		Messages:  e.Messages + other.Messages,
		Fragments: e.Fragments + other.Fragments,
		Letters:   e.Letters + other.Letters,
		Least:     e.Least + other.Least,
		Most:      e.Most + other.Most,
		Partial:   e.Partial || other.Partial,
	}
}

// Estimate returns what a message costs by templates in the order in which they
// are attempted. For a free-text plan nil will do. A text message whose text is not
// wholly known counts as one fragment at least.
func (t Templates) Estimate(m Message, prices Prices) Estimate {
	if t == nil {
		t = FreeText(m.Plan)
	}
	e := Estimate{Messages: 1, Partial: len(t) == 0}
	for i, template := range t {
		var cost Money
		switch template.Channel {
		case SMS:
			text, partial := template.fill(m.Personalisation)
			n := measure(text).fragments()
			if partial {
				n, e.Partial = max(n, 1), true
			}
			e.Fragments += n
			cost = Money(n) * prices.Fragment
		case Letter:
			e.Letters++
			cost = prices.Letter
		case NHSApp, Email:
		default:
			e.Partial = true
		}
		if i == 0 {
			e.Least = cost
		}
		e.Most += cost
	}
	return e
}
