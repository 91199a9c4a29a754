package cohort

// The questions about numbers.

// Is asks whether the number is exactly x.
func (v NumberValue[P]) Is(x float64) P { return v.compare(equal, x) }

// AtLeast asks whether the number is x or more.
func (v NumberValue[P]) AtLeast(x float64) P { return v.compare(atLeast, x) }

// AtMost asks whether the number is x or less.
func (v NumberValue[P]) AtMost(x float64) P { return v.compare(atMost, x) }

// Above asks whether the number is more than x.
func (v NumberValue[P]) Above(x float64) P { return v.compare(greater, x) }

// Below asks whether the number is less than x.
func (v NumberValue[P]) Below(x float64) P { return v.compare(less, x) }

// Between asks whether the number lies between low and high, both included.
func (v NumberValue[P]) Between(low, high float64) P {
	return wrap[P](betweenNode{v.value, constant{datum: numberDatum(low)}, constant{datum: numberDatum(high)}})
}

// Known asks whether there is a number at all.
func (v NumberValue[P]) Known() P { return wrap[P](knownNode(v)) }

func (v NumberValue[P]) compare(op operator, x float64) P {
	return wrap[P](compareNode{v.value, op, constant{datum: numberDatum(x)}})
}

// IsValue asks whether the number is exactly that of a parameter or a series. Like the four questions
// below it is unknown when either is missing.
func (v NumberValue[P]) IsValue(x Operand[float64]) P { return v.compareValue(equal, x) }

// AtLeastValue asks whether the number is that of a parameter or a series, or more.
func (v NumberValue[P]) AtLeastValue(x Operand[float64]) P { return v.compareValue(atLeast, x) }

// AtMostValue asks whether the number is that of a parameter or a series, or less.
func (v NumberValue[P]) AtMostValue(x Operand[float64]) P { return v.compareValue(atMost, x) }

// AboveValue asks whether the number is more than that of a parameter or a series.
func (v NumberValue[P]) AboveValue(x Operand[float64]) P { return v.compareValue(greater, x) }

// BelowValue asks whether the number is less than that of a parameter or a series.
func (v NumberValue[P]) BelowValue(x Operand[float64]) P { return v.compareValue(less, x) }

// BetweenValues asks whether the number lies between those of two parameters or series, both included. One
// known end can settle that it does not.
func (v NumberValue[P]) BetweenValues(low, high Operand[float64]) P {
	return wrap[P](betweenNode{v.value, numberOperand(low), numberOperand(high)})
}

func (v NumberValue[P]) compareValue(op operator, x Operand[float64]) P {
	return wrap[P](compareNode{v.value, op, numberOperand(x)})
}
