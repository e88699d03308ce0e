package io.nlar.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** A cluster on this machine whose executors are Java processes of their own, with this process's class path. */
public final class Cluster {
  private Cluster() {}

  /** Opens a cluster; all executors have begun when training begins. */
  public static JavaSparkContext open(int executors, int cores, Map<String, String> settings) {
    try {
      // Spark looks there for its jars before it starts a process.
      Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
    SparkConf conf = new SparkConf().setAppName("nlar-spark").setMaster("local-cluster[" + executors + "," + cores + ",1024]")
        .set("spark.ui.enabled", "false")
        .set("spark.executor.memory", "768m")
        .set("spark.executor.extraClassPath", Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(File.pathSeparator)))
        .set("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
            + " -XX:NativeMemoryTracking=summary -Dnlar.cpu.vector=scalar")
        .set("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
        .set("spark.executorEnv.SPARK_SCALA_VERSION", "2.13");
    settings.forEach(conf::set);
    JavaSparkContext context = new JavaSparkContext(conf);
    context.setLogLevel("ERROR");
    return context;
  }
}
