package io.nlar.spark;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.RequestMethod;
import org.apache.spark.RequestToSync;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcTimeout;
import org.apache.spark.util.RpcUtils;
import scala.concurrent.duration.Duration;
import scala.jdk.javaapi.FutureConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Where the workers of a barrier stage wait for each other and exchange small messages, through Spark's own coordinator in the
 * driver: when they begin, at checkpoints, and when they end. {@link BarrierTaskContext#allGather} asks the same coordinator, but looks for
 * its answer once a second. Here the answer is waited for. The two must not be mixed in one stage, since each counts the meetings for
 * itself.
 */
final class Rendezvous {
  /** Spark's barriers have a limit of their own, {@code spark.barrier.sync.timeout}; this one is not to come before it. */
  private static final RpcTimeout NO_LIMIT = new RpcTimeout(Duration.apply(365, TimeUnit.DAYS), "barrierTimeout");
  private static final ClassTag<String[]> TEXTS = ClassTag$.MODULE$.apply(String[].class);

  private final BarrierTaskContext context;
  private final RpcEndpointRef coordinator;
  private int meetings;

  Rendezvous(BarrierTaskContext context) {
    this.context = context;
    this.coordinator = RpcUtils.makeDriverRef("barrierSync", SparkEnv.get().conf(), SparkEnv.get().rpcEnv());
  }

  /** Waits until all workers are here. */
  void meet() throws InterruptedException {
    gather("");
  }

  /** Waits until all workers are here, and returns what each of them said, in their order. */
  String[] gather(String message) throws InterruptedException {
    RequestToSync request = new RequestToSync(context.numPartitions(), context.stageId(), context.stageAttemptNumber(),
        context.taskAttemptId(), meetings++, context.partitionId(), message, RequestMethod.ALL_GATHER());
    CompletionStage<String[]> answer = FutureConverters.asJava(coordinator.askAbortable(request, NO_LIMIT, TEXTS).future());
    while (true) {
      try {
        return answer.toCompletableFuture().get(1, TimeUnit.SECONDS);
      } catch (TimeoutException notYet) {
        context.killTaskIfInterrupted();
      } catch (ExecutionException failure) {
        throw new TrainingException("the workers did not all come to their meeting " + (meetings - 1) + ": "
            + failure.getCause().getMessage(), failure.getCause());
      }
    }
  }
}
