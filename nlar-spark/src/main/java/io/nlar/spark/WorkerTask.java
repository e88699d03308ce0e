package io.nlar.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/** What Spark runs: a worker, from its opening to its outcome. */
final class WorkerTask extends AbstractFunction1<Iterator<Integer>, Iterator<Outcome>> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Plan plan;
  private final Broadcast<float[][]> initial;

  WorkerTask(Plan plan, Broadcast<float[][]> initial) {
    this.plan = plan;
    this.initial = initial;
  }

  @Override
  public Iterator<Outcome> apply(Iterator<Integer> numbers) {
    try (Worker worker = new Worker(plan, initial, BarrierTaskContext.get())) {
      return CollectionConverters.asScala(List.of(worker.train()).iterator());
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new TrainingException("a worker was interrupted", stop);
    } catch (Exception failure) {
      throw new TrainingException("a worker failed: " + failure, failure);
    }
  }
}
