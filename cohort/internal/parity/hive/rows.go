package hive

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"

	"github.com/beltran/gohive/hiveserver"
)

// batch is how many rows are fetched at a time.
const batch = 10_000

// rows is the answer of one statement.
type rows struct {
	ctx       context.Context
	session   *session
	operation *hiveserver.TOperationHandle
	names     []string
	kinds     []string
	columns   []column
	at, n     int
}

// column is one column of a batch.
type column struct {
	nulls []byte
	n     int
	value func(i int) driver.Value
}

func (r *rows) describe() error {
	request := hiveserver.NewTGetResultSetMetadataReq()
	request.OperationHandle = r.operation
	response, err := r.session.client.GetResultSetMetadata(r.ctx, request)
	if err = failure(response, err); err != nil {
		return err
	}
	for _, c := range response.Schema.GetColumns() {
		r.names = append(r.names, c.ColumnName)
		kind := ""
		for _, t := range c.TypeDesc.GetTypes() {
			kind = t.GetPrimitiveEntry().GetType().String()
		}
		r.kinds = append(r.kinds, kind)
	}
	return nil
}

// Columns names the columns.
func (r *rows) Columns() []string { return r.names }

// ColumnTypeDatabaseTypeName names a column's type as the protocol does, such as DATE_TYPE.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.kinds[i] }

// Next reads a row, from the server when the batch is through.
func (r *rows) Next(dest []driver.Value) error {
	if r.at == r.n {
		if err := r.fetch(); err != nil {
			return err
		}
	}
	for i := range dest {
		c := &r.columns[i]
		dest[i] = nil
		if r.at/8 >= len(c.nulls) || c.nulls[r.at/8]>>(r.at%8)&1 == 0 {
			dest[i] = c.value(r.at)
		}
	}
	r.at++
	return nil
}

func (r *rows) fetch() error {
	request := hiveserver.NewTFetchResultsReq()
	request.OperationHandle, request.MaxRows = r.operation, batch
	response, err := r.session.client.FetchResults(r.ctx, request)
	if err = failure(response, err); err != nil {
		return err
	}
	r.at, r.n, r.columns = 0, 0, r.columns[:0]
	for _, c := range response.GetResults().GetColumns() {
		next, err := columnOf(c)
		if err != nil {
			return err
		}
		r.columns, r.n = append(r.columns, next), next.n
	}
	if r.n == 0 {
		return io.EOF
	}
	return nil
}

func columnOf(c *hiveserver.TColumn) (column, error) {
	switch {
	case c.BoolVal != nil:
		return columnWith(c.BoolVal.Nulls, c.BoolVal.Values, func(v bool) driver.Value { return v }), nil
	case c.ByteVal != nil:
		return columnWith(c.ByteVal.Nulls, c.ByteVal.Values, func(v int8) driver.Value { return int64(v) }), nil
	case c.I16Val != nil:
		return columnWith(c.I16Val.Nulls, c.I16Val.Values, func(v int16) driver.Value { return int64(v) }), nil
	case c.I32Val != nil:
		return columnWith(c.I32Val.Nulls, c.I32Val.Values, func(v int32) driver.Value { return int64(v) }), nil
	case c.I64Val != nil:
		return columnWith(c.I64Val.Nulls, c.I64Val.Values, func(v int64) driver.Value { return v }), nil
	case c.DoubleVal != nil:
		return columnWith(c.DoubleVal.Nulls, c.DoubleVal.Values, func(v float64) driver.Value { return v }), nil
	case c.StringVal != nil:
		return columnWith(c.StringVal.Nulls, c.StringVal.Values, func(v string) driver.Value { return v }), nil
	case c.BinaryVal != nil:
		return columnWith(c.BinaryVal.Nulls, c.BinaryVal.Values, func(v []byte) driver.Value { return v }), nil
	default:
		return column{}, fmt.Errorf("hive: a column of an unknown type")
	}
}

func columnWith[T any](nulls []byte, values []T, value func(T) driver.Value) column {
	return column{nulls, len(values), func(i int) driver.Value { return value(values[i]) }}
}

// Close lets the server forget the answer.
func (r *rows) Close() error {
	request := hiveserver.NewTCloseOperationReq()
	request.OperationHandle = r.operation
	response, err := r.session.client.CloseOperation(context.WithoutCancel(r.ctx), request)
	return failure(response, err)
}
