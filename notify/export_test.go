package notify

// EncodeBatch lets a benchmark see the body of a batch request.
func EncodeBatch(b Batch) ([]byte, error) { return encodeBatch(b) }
