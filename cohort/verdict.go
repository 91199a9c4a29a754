package cohort

// Verdict is the answer to a question about one person: yes, no, or unknown because the data do not say.
// The zero value is Unknown. And, Or and Not are those of strong Kleene logic: unknown stays unknown
// unless the other side settles the answer.
type Verdict uint8

// The three verdicts.
const (
	Unknown Verdict = iota
	No
	Yes
)

// VerdictOf turns a plain truth value into a verdict.
func VerdictOf(truth bool) Verdict {
	if truth {
		return Yes
	}
	return No
}

// And is Yes when both are Yes, No when either is No, and Unknown otherwise.
func (v Verdict) And(other Verdict) Verdict {
	switch {
	case v == No || other == No:
		return No
	case v == Yes && other == Yes:
		return Yes
	default:
		return Unknown
	}
}

// Or is Yes when either is Yes, No when both are No, and Unknown otherwise.
func (v Verdict) Or(other Verdict) Verdict { return v.Not().And(other.Not()).Not() }

// Not exchanges Yes and No and leaves Unknown as it is.
func (v Verdict) Not() Verdict {
	switch v {
	case Yes:
		return No
	case No:
		return Yes
	case Unknown:
	}
	return Unknown
}

// String returns "yes", "no" or "unknown".
func (v Verdict) String() string {
	switch v {
	case Yes:
		return "yes"
	case No:
		return "no"
	case Unknown:
	}
	return "unknown"
}

// MarshalText writes the verdict as String does.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
