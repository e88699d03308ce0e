package io.nlar;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * One fused optimizer step over all parameters: scaling, estimator and momentum in one pass over device memory, after
 * at most one read of the gradients for their norm.
 *
 * <p>{@link #run()} enqueues and returns a ticket; on devices with host memory the step is done when it returns. Steps
 * of one device run in order. Calls may come from several threads and are serialised per device. A run allocates no
 * Java heap and no device memory.
 *
 * <p>An error before the update was enqueued leaves values and state as they were. An error after it is thrown by
 * {@link #await} of its ticket and poisons the step: every later call throws {@link StepFailedException} and says why.
 *
 * <p>A step that is dropped without {@link #close} keeps its state as long as its device lives.
 */
public interface Step extends AutoCloseable {

  /** The device this step runs on. */
  Device device();

  /** Names of all parameters in order of registration. */
  List<String> parameters();

  /**
   * Runs a step with the gradient scale and rate factor that lie in the {@linkplain #control() control block}.
   *
   * @return the step's ticket for {@link #await}
   * @throws CallOrderException if values are those to {@linkplain #evaluate evaluate}, or if the step has a reduction and a
   *     parameter is a {@linkplain Part part}: of its own part alone it would make another norm than the other workers; without a
   *     reduction, under {@link Nlarsf}, as {@link #apply()} over parts
   * @throws ClosedException if the step, or a buffer that it uses, was closed; nothing has changed
   * @throws DeviceException if the gradients could not be read for their norm; nothing has changed
   * @throws StepFailedException if the step fails on the device, or did so before
   */
  long run();

  /**
   * Runs a step.
   *
   * @param gradientScale s, finite and &gt; 0: gradients are multiplied by it before they are bounded (1/loss scale)
   * @param rateFactor k, finite and ≥ 0: the scaled gradient is multiplied by it (a schedule)
   * @return the step's ticket for {@link #await}
   * @throws SettingException if s or k is out of its range, also as rounded to the element type of a group: infinite,
   *     or an s of 0; nothing has changed
   * @throws ClosedException if the step, or a buffer that it uses, was closed; nothing has changed
   * @throws DeviceException if the gradients could not be read for their norm; nothing has changed
   * @throws StepFailedException if the step fails on the device, or did so before
   */
  long run(double gradientScale, double rateFactor);

  /**
   * Only the first pass: leaves the sums of squares in {@link #sumsOfSquares}. A step without reduction does nothing. Of
   * {@linkplain Part parts} these are the sums of the own elements, which workers may add up, each parameter's in the same order on all
   * of them, before {@link #takeSums}: they then have the same bits as each other, but not those of the undivided step.
   *
   * @throws ClosedException as {@link #run()}
   * @throws DeviceException as {@link #run()}
   */
  void reduce();

  /**
   * The gradient of one parameter is complete: takes its sum of squares now, while it still lies in the cache, so that
   * {@link #reduce()} or {@link #run} need not read it for that. The order of such calls changes no bit. A gradient that is
   * written again before the step needs another call; what was taken is forgotten with the next reduction, and when
   * buffers are bound or settings changed.
   *
   * <p>The CPU does so on the calling thread. Other devices do nothing here, and take all sums in the reduction.
   *
   * @param index the parameter's number in {@link #parameters}
   * @throws ParameterException if there is no such parameter
   * @throws ClosedException as {@link #run()}
   * @throws DeviceException as {@link #run()}
   */
  void reduce(int index);

  /**
   * The sums of squares of the raw gradients, FLOAT64 on the device: element 0 over all tensors, element i + 1 that of
   * parameter i. Between {@link #reduce} and {@link #apply} an engine may all-reduce them in place.
   */
  Buffer sumsOfSquares();

  /**
   * Takes what the caller wrote into {@link #sumsOfSquares} for the sums of this step's gradients, instead of
   * {@link #reduce()}: for a framework that has the norm already, and gradients that are not to be read for it again. Each
   * scaling looks at its own: {@link Scaling.GlobalNorm} at element 0, norms of tensors at those of their tensors. A total
   * that is not finite is a step that is skipped.
   *
   * @throws ClosedException as {@link #run()}
   */
  void takeSums();

  /**
   * The sums of squares of the raw gradients' blocks, FLOAT64 on the device: of each parameter ceil(length / 1024) of its <em>whole</em>
   * tensor, in order of registration; those of worker r's {@linkplain Part part} begin at offset / 1024 of them. What workers
   * exchange for a norm that has the bits of the undivided step: 8 bytes for 1024 elements. Allocated when first asked for.
   *
   * <p>Where a rule of the step learns from its update ({@link Nlarsf}), there are four times as many: behind the sums of squares as many
   * sums of the products d·v of the last update, then of d·d, then of v·v, each in the same order. So from the second step on
   * workers exchange 32 bytes for 1024 elements, and still once a step.
   *
   * @throws ClosedException if the step was closed
   */
  Buffer blockSums();

  /**
   * The first pass of a step over {@linkplain Part parts}: leaves the sums of the own parts in {@link #blockSums}, and NaNs in
   * the places of all others, so that what nobody fills in makes a step that is skipped, not one that is not bounded. A step
   * without reduction does nothing of that. Where a step has no parts all places are its own. Leaves the sums of products of the
   * last update too, as {@link #leaveBlockProducts}.
   *
   * @throws ClosedException as {@link #run()}
   * @throws DeviceException as {@link #run()}
   */
  void reduceBlocks();

  /**
   * Takes what is in {@link #blockSums}, the own sums and those that the caller wrote there for other workers, for the sums of
   * this step's gradients: leaves in {@link #sumsOfSquares} what {@link #reduce()} leaves there in an undivided step, to the
   * bit, for {@link #apply} to follow. Learns from the sums of products of the last update before, as {@link #takeBlockProducts}. Waits;
   * the sums above the blocks are formed on the calling thread.
   *
   * @throws CallOrderException as {@link #takeBlockProducts}
   * @throws ClosedException as {@link #run()}
   */
  void takeBlockSums();

  /**
   * Leaves what the last update left for {@link Nlarsf} to learn from in {@link #blockSums}: the own parts' sums of products, +0 where
   * there is nothing to be learned, NaNs in the places of all others and in those of sums of squares. {@link #reduceBlocks} does it too. Alone it
   * is for numbers of whole parameters that are to be those of the undivided step without another step: before {@link #save}, {@link #stats},
   * {@link #learningRates} or a look at the {@link #state} of a parameter. Does nothing where no rule learns so.
   *
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if a step failed on the device
   */
  void leaveBlockProducts();

  /**
   * Learns from the sums of products in {@link #blockSums}, the own and those that the caller wrote there for other workers: what is kept
   * of parameters that this step owns some of is then that of the undivided step, to the bit. {@link #takeBlockSums} does it too. Until
   * then it is what the last update was made with. Does nothing where there are no parts, no rule learns so, or nothing is to be learned: before
   * the first update, after one that was skipped, a second time. Waits.
   *
   * @throws CallOrderException if {@link #leaveBlockProducts} or {@link #reduceBlocks} was not called since the last update, or something is
   *     NaN that the others should have said; nothing has changed
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if a step failed on the device
   */
  void takeBlockProducts();

  /**
   * Only the second pass, on what {@link #sumsOfSquares} holds; arguments and errors as for
   * {@link #run(double, double)}.
   *
   * @throws CallOrderException if values are those to {@linkplain #evaluate evaluate}, or if the step has a reduction and
   *     neither {@link #reduce()}, {@link #takeSums} nor {@link #takeBlockSums} was called, or that failed, since the last
   *     apply, rebind, reconfigure or restore; over {@linkplain Part parts} {@link #reduce()} is not enough, and under {@link Nlarsf} {@link
   *     #takeBlockSums} or {@link #takeBlockProducts} is needed since the last apply or restore
   */
  long apply(double gradientScale, double rateFactor);

  /**
   * Only the second pass, with the scale and factor that lie in the control block; errors as for {@link #run()}.
   *
   * @throws CallOrderException as {@link #apply(double, double)}
   */
  long apply();

  /**
   * Waits for a step.
   *
   * @throws NonFiniteGradientException if the policy is {@link NonFinite#FAIL} and this step was refused; tickets of
   *     the last {@value #REMEMBERED_TICKETS} steps are remembered
   * @throws CallOrderException if there is no such ticket
   * @throws StepFailedException if the step failed on the device
   * @throws ClosedException if the step was closed
   */
  void await(long ticket);

  /** How many of the latest tickets {@link #await} can tell a refused step of. */
  int REMEMBERED_TICKETS = 1024;

  /**
   * The step's scalars on the device, FLOAT64, indexed by {@link Control}: a captured graph or a loss-scaling loop sets
   * and reads them without the host.
   */
  Buffer control();

  /**
   * The control block as the host sees it without waiting. Where a run is done when it returns, that is the block as it is.
   * Elsewhere it is the block as a step left it that has ended, in order but some steps behind: each call asks the device
   * for a newer view, which a later call returns; zeros before the first has come.
   *
   * @param scalars takes the block, indexed by {@link Control}; {@value Control#LENGTH} elements
   * @throws BufferException if it has another length
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if the step failed before
   */
  void peek(double[] scalars);

  /**
   * The framework moved its tensors: binds new buffers, by name. Parameters that are not named keep theirs, and those
   * without {@link Parameter#state} the memory of their state. Nothing changes if one of them does not fit.
   *
   * @throws ParameterException if there is no such parameter, one is named twice, or type, length or an overlap does
   *     not fit, as in {@link Device#compile}; memory is given for state that is the step's own; one that was compiled for
   *     its new value is bound for its {@link Update}, or the other way round; or it is another {@link Part} than before
   * @throws BufferException if a buffer is of another device, or memory for state as in {@link Device#compile}
   * @throws ClosedException if the step, or any buffer that would be bound then, was closed: those of parameters that
   *     are not named count too
   * @throws StepFailedException if the step failed before
   */
  void rebind(List<Parameter> parameters);

  /**
   * Binds a gradient by its address, for frameworks that have it elsewhere in every step: memory as
   * {@link Device#wrap(DType, long, long)} takes it, of the parameter's length and its gradients' type. From the
   * second call for a parameter on this is a few stores on the CPU, and on CUDA one small copy in order with the queue; the first one
   * does what {@link #rebind} does.
   * Whether the gradient is zeroed stays as it was bound. The memory must stay until the last step that was run with it is
   * done, or another is bound.
   *
   * @param index the parameter's number in {@link #parameters}
   * @throws ParameterException if there is no such parameter, or the memory overlaps a value or state (for one that the
   *     step writes: other gradients are not asked again)
   * @throws BufferException if the device has no addresses, or the elements do not lie in its address space
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if the step failed before
   */
  void bindGradient(int index, long address);

  /** How many groups the step has. */
  int groups();

  /** The settings of a group, from 0 in order of registration. */
  StepConfig config(int group);

  /**
   * Changes settings in mid-run; the state is kept. The estimator's kind and the state slots (momentum or not, kind of
   * noise, seed and distribution of frozen noise) stay as compiled. For {@link Estimator.Nlarcm} and {@link Estimator.Nlarpm} λ is
   * only where the rates start, so that another λ changes nothing but the weight decay; for {@link Estimator.Nlarsm}
   * all rates move with it.
   *
   * @throws SettingException if the change needs other state, or a setting does not survive in the group's type, as in
   *     {@link Device#compile}
   * @throws ParameterException if there is no such group; or if weight decay would now read values in whose place the step
   *     writes updates
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if the step failed before
   */
  void reconfigure(int group, StepConfig config);

  /**
   * A state tensor, to be read or set while no step runs. It belongs to the step and is closed with it; where the caller
   * lends the memory ({@link Parameter#state}), it is a view of that, as long as it is bound.
   *
   * @throws ParameterException if there is no such parameter, or its configuration keeps no such slot
   */
  Buffer state(String parameter, Slot slot);

  /**
   * Takes the values as they are now for exact: every {@link Slot#REMAINDER} becomes 0, every {@link Slot#MASTER} its value.
   * For narrow values that were written from outside, as a model is loaded anew; of others nothing is kept beside them.
   * Done once when a step is compiled. Waits.
   *
   * @throws ClosedException if the step, or a value's buffer, was closed
   * @throws StepFailedException if the step failed before
   */
  void takeValues();

  /**
   * Puts the values to evaluate in place: x = θ − (1 − β)·v under {@link ScheduleFree} and {@link Nlarsf}, for validation,
   * prediction and for saving a model; under other rules values are what they were. Until {@link #train} no step runs, and
   * the values that gradients are taken at are kept in host memory, as large as those values. State files hold no values, so
   * that {@link #save(Path)} writes the same before and after it. Narrow values are made of the exact ones and rounded, and {@link
   * Slot#REMAINDER} and {@link Slot#MASTER} stay as they are (docs/numerics.md, "Averaged rules"). Does nothing where values are those to evaluate already. Waits.
   *
   * @throws CallOrderException between {@link #reduce} and {@link #apply}
   * @throws ClosedException if the step, or a value's buffer, was closed
   * @throws StepFailedException if the step failed before, or fails while values are exchanged
   */
  void evaluate();

  /**
   * Puts the values back that gradients are taken at, to the bit. What was written into them meanwhile is lost. Does nothing
   * where they are in place. A step that is {@linkplain #close closed} before leaves the values to evaluate. Waits.
   *
   * @throws ClosedException if the step, or a value's buffer, was closed
   * @throws StepFailedException if the step failed before, or fails while values are exchanged
   */
  void train();

  /** Whether values are those to {@linkplain #evaluate evaluate}. */
  boolean evaluating();

  /**
   * The learning rates γ = base + D of one parameter, copied to host memory in the {@linkplain DType#arithmetic type that
   * the step computes in} (FLOAT32 also for narrower values); constant λ where nothing is estimated, and γ of the whole parameter for {@link Nlarsf}. Waits, and adds on the calling thread.
   *
   * @throws ParameterException if there is no such parameter
   * @throws BufferException if {@code host} has not the parameter's length in that type, is read-only, was closed, or is bound to
   *     another thread
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if a step failed on the device
   */
  void learningRates(String parameter, MemorySegment host);

  /**
   * Counters, the last norm (of whole tensors) and the distribution of the learning rates (of own elements; under {@link Nlarsf} over parts
   * those that the last update was made with, until {@link #takeBlockProducts}). Waits, and reads the rates: a diagnostic.
   */
  StepStats stats();

  /** Bytes of state on the device, as {@link StepConfig#stateBytes} counts them. */
  long stateBytes();

  /**
   * Writes the state, the step counter and the settings to a safetensors file, replacing it atomically: it is written
   * beside its target, so that the folder must be writable, and moved there. Waits; needs memory for one buffer of a few
   * MiB, whatever the model's size; other calls on the device wait while it is written, but not until it is on the disk. An
   * interrupt does not cut it short; the thread's status stays. A symbolic link stays, and what it names is
   * replaced; the file's permissions stay too. What a killed process left of the same target ({@code .nlar-*.tmp}) is
   * deleted, on Linux, where it ran on this machine since it was started. Of {@linkplain Part parts} the own elements are
   * written, with what they are a part of: each worker writes a file.
   *
   * @throws CallOrderException if parts have something to learn from the last update: call {@link #takeBlockProducts} before
   * @throws StateFileException if the file could not be read again: names and settings exceed the header that the format
   *     allows (100 MB), the step has more than 2<sup>22</sup> parameters, or a counter in the {@linkplain #control()
   *     control block} is not a whole number from 0 to 2<sup>53</sup>; an earlier file at that path is kept
   * @throws IOException if the file cannot be written; says which file, why, and what to do; an earlier file is kept
   */
  void save(Path file) throws IOException;

  /**
   * Reads a state back, by parameter name; checked as a whole before anything changes. That is done before the device is
   * taken; the file is then read again, and each block of 1 MiB compared with what was checked before it goes to the
   * device. Needs a few MiB of memory, and some ten bytes for each name that only the file has. An interrupt does not cut
   * it short; the thread's status stays.
   *
   * @param file a regular file; pipes and devices, which may block, are refused
   * @throws StateFileException if the file is corrupted, does not fit under {@code mode}, or was overwritten meanwhile;
   *     the state is as before
   * @throws IOException if the file cannot be read; says which file, why, and what to do; the state is as before
   * @throws StepFailedException if the file was checked and then could not be loaded as a whole, since the device failed
   *     or the file was overwritten after a part was loaded: values are as before, the state is undefined, and every
   *     later call says so. (To replace a file by moving another in its place, as {@link #save(Path)} does, does no harm.)
   */
  void restore(Path file, Restore mode) throws IOException;

  /**
   * Reads a state back from the files of several workers, as {@link #restore(Path, Restore)} does from one: the step takes what is
   * its own, by name and range, however many workers wrote them and however many there are now. Files of whole tensors do as
   * well. The files must be of one save: equal counters, and equal settings of each parameter. Each is opened, and
   * takes a MiB of memory; a worker that knows which files have its elements may leave out the others.
   *
   * @throws StateFileException as {@link #restore(Path, Restore)}; also if an element that the step owns is in no file, a
   *     part in two of them, or the files are not of one save
   * @throws IOException as {@link #restore(Path, Restore)}
   * @throws StepFailedException as {@link #restore(Path, Restore)}
   */
  void restore(List<Path> files, Restore mode) throws IOException;

  /**
   * Writes what {@link #save(Path)} puts into a file to a channel, from its position on: into an entry of a zip, a Hadoop
   * file, an object store. The layout is in docs/embedding.md. Goes over the state twice, since the checksum is in front of
   * it; other calls on the device wait for as long as the channel takes. The channel stays open.
   *
   * @throws CallOrderException as {@link #save(Path)}; nothing has been written then
   * @throws StateFileException as {@link #save(Path)}; nothing has been written then
   * @throws java.nio.channels.IllegalBlockingModeException if the channel does not block
   * @throws IOException what the channel throws; what it holds then is no state, and is refused when it is restored
   */
  void save(WritableByteChannel channel) throws IOException;

  /**
   * Reads a state back from a channel, from its position to its end, as {@link #restore(Path, Restore)} does from a file;
   * leaves the channel open, and at its end. A {@link java.nio.channels.SeekableByteChannel} is read twice; what any other
   * one holds is first copied to a temporary file, so that here too all is checked before anything changes.
   *
   * @throws StateFileException as {@link #restore(Path, Restore)}
   * @throws IOException what the channel throws, or if there is no room for the file; the state is as before
   * @throws StepFailedException as {@link #restore(Path, Restore)}
   */
  void restore(ReadableByteChannel channel, Restore mode) throws IOException;

  /**
   * Reads a state back from what several workers wrote to channels: {@link #restore(List, Restore)} for channels, each read as by
   * {@link #restore(ReadableByteChannel, Restore)}.
   *
   * @throws StateFileException as {@link #restore(List, Restore)}
   * @throws IOException as {@link #restore(ReadableByteChannel, Restore)}
   * @throws StepFailedException as {@link #restore(Path, Restore)}
   */
  void restoreAll(List<? extends ReadableByteChannel> channels, Restore mode) throws IOException;

  /** Releases the step's own state. Idempotent. Values, gradients and state that was lent are the caller's. */
  @Override
  void close();
}
