package cohort

// Criterion is a question about a person that is answered yes, no or unknown.
type Criterion struct{ node node }

// RowPred is a question about one row of table E. Rows for which the answer is unknown are not counted;
// an explanation shows them.
type RowPred[E any] struct{ node node }

// Predicate is what asking about a value gives: a [Criterion] when the value belongs to a person, a
// [RowPred] when it belongs to a row.
type Predicate[P any] interface {
	wrap(n node) P
	unwrap() node
}

func (Criterion) wrap(n node) Criterion { return Criterion{n} }
func (c Criterion) unwrap() node        { return c.node } //nolint:ireturn // a tree is a sum type

func (RowPred[E]) wrap(n node) RowPred[E] { return RowPred[E]{n} }
func (r RowPred[E]) unwrap() node         { return r.node } //nolint:ireturn // a tree is a sum type

// All is yes when every part is yes and no when any part is no.
func All[P Predicate[P]](parts ...P) P { return wrap[P](allNode{unwrap(parts)}) }

// Any is yes when at least one part is yes and no when every part is no.
func Any[P Predicate[P]](parts ...P) P { return wrap[P](anyNode{unwrap(parts)}) }

// Not exchanges yes and no; unknown stays unknown.
func Not[P Predicate[P]](part P) P { return wrap[P](notNode{part.unwrap()}) }

// AtLeast is yes when n or more parts are yes, no when that cannot be, and unknown otherwise.
func AtLeast[P Predicate[P]](n int, parts ...P) P {
	return wrap[P](atLeastNode{n, unwrap(parts)})
}

// IsYes is yes when the part is yes, and no when it is no or unknown. It is the way to say, inside a larger
// question, that only what is certain counts; for a whole step say IfUnknown instead.
func IsYes[P Predicate[P]](part P) P { return wrap[P](isYesNode{part.unwrap()}) }

// IsUnknown is yes when the part is unknown, and no when it has an answer.
func IsUnknown[P Predicate[P]](part P) P { return wrap[P](isUnknownNode{part.unwrap()}) }

// Define gives a criterion a name and a version, for use in many definitions. Texts print the name; the
// meaning is that of the criterion itself.
func Define(id, version string, criterion Criterion) Criterion {
	return Criterion{namedNode{id, version, criterion.node}}
}

func wrap[P Predicate[P]](n node) P {
	var zero P
	return zero.wrap(n)
}

func unwrap[P Predicate[P]](parts []P) []node {
	nodes := make([]node, len(parts))
	for i, part := range parts {
		nodes[i] = part.unwrap()
	}
	return nodes
}
