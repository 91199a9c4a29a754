package parity

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/personalised-prevention/nhs/cohort/internal/parity/hive"
)

// sparkVersion is the one that .ci/engines installs.
const sparkVersion = "4.1.4"

func startSpark(s *server) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	home := filepath.Join(cache, "nhs-engines", "spark-"+sparkVersion)
	if _, err := os.Stat(filepath.Join(home, "jars")); err != nil {
		return fmt.Errorf("Spark: %w", errMissing)
	}
	if _, err := exec.LookPath("java"); err != nil {
		return fmt.Errorf("Java for Spark: %w", errMissing)
	}
	dir, err := s.temp(nil)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	args := []string{
		"--master", "local[2]", "--driver-memory", "2g",
		"--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", // it does not live long
		"--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
	}
	for _, setting := range []string{
		"spark.ui.enabled=false",
		// Statements are large and data small: what pays only for large data costs most of the time.
		"spark.sql.codegen.wholeStage=false",
		"spark.sql.codegen.factoryMode=NO_CODEGEN",
		"spark.sql.adaptive.enabled=false",
		"spark.sql.maxPlanStringLength=1000",
		"spark.sql.ui.retainedExecutions=1",
		"spark.sql.thriftserver.ui.retainedStatements=1",
		"spark.sql.shuffle.partitions=2",
		"spark.sql.catalogImplementation=in-memory",
		"spark.sql.session.timeZone=UTC",
		"spark.sql.variable.substitute=false", // the $ of a bound text is its own
		"spark.sql.warehouse.dir=" + filepath.Join(dir, "warehouse"),
		"spark.local.dir=" + dir,
		"spark.hadoop.hive.server2.authentication=NOSASL",
		"spark.hadoop.hive.server2.thrift.bind.host=127.0.0.1",
		"spark.hadoop.hive.server2.thrift.port=" + port,
	} {
		args = append(args, "--conf", setting)
	}
	log := filepath.Join(dir, "log")
	env := []string{"SPARK_HOME=" + home, "SPARK_LOCAL_IP=127.0.0.1", "SPARK_LOCAL_HOSTNAME=localhost"}
	if err := s.run(log, nil, env, filepath.Join(home, "bin", "spark-submit"), append(args, "spark-internal")...); err != nil {
		return err
	}
	return s.open(sql.OpenDB(hive.Connector{Address: net.JoinHostPort("127.0.0.1", port)}), log)
}

// freePort finds a port that nobody listens at.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
