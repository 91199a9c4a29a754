package cohort

// Operand is something a value of type T can be compared with: for days, a [Date], a parameter such as
// [Index], or a [DateSeries], whose day differs from person to person; for numbers, a parameter or a
// [NumberSeries]. A column is not an operand.
type Operand[T any] interface {
	operand(kind T, owner Criterion) value
}

func (d Date) operand(Date, Criterion) value { return constant{datum: dateDatum(d)} } //nolint:ireturn // a tree is a sum type

//nolint:ireturn // a tree is a sum type
func (p Param[T]) operand(T, Criterion) value {
	kind := DateKind
	if _, number := any(*new(T)).(float64); number {
		kind = NumberKind
	}
	return constant{datum: missing(kind), param: string(p)}
}

//nolint:ireturn,unused // as above; the linter does not see that a generic type implements Operand
func (v DateValue[P]) operand(Date, P) value { return v.value }

//nolint:ireturn,unused // as above
func (v NumberValue[P]) operand(float64, P) value { return v.value }

//nolint:ireturn,unused // as above
func (v DateValue[P]) each(Date, P) value { return v.value }

//nolint:ireturn,unused // as above
func (v NumberValue[P]) each(float64, P) value { return v.value }

// dayOperand tolerates nil, which New then refuses with the step's name.
//
//nolint:ireturn // a tree is a sum type
func dayOperand(day Operand[Date]) value {
	if day == nil {
		return nil
	}
	return day.operand(Date{}, Criterion{})
}

// numberOperand tolerates nil as dayOperand does.
//
//nolint:ireturn // a tree is a sum type
func numberOperand(x Operand[float64]) value {
	if x == nil {
		return nil
	}
	return x.operand(0, Criterion{})
}
