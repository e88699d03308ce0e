package io.nlar.cuda.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the interpreter computes, and what it refuses, on kernels of a few instructions. */
class InterpreterTest {
  private static final int WORDS = 128;

  private final GlobalMemory memory = new GlobalMemory();
  private final MemorySegment out = memory.allocate(WORDS * 4L).fill((byte) 0);

  /** A kernel with the address of the output in %rd1, the thread's number in %r1 and its own word's address in %rd3. */
  private static Kernel kernel(String body) {
    return new PtxModule("""
        .version 7.0
        .target sm_75
        .address_size 64
        .visible .entry k(.param .u64 k_param_0)
        .maxntid 128, 1, 1
        {
          .reg .pred %p<9>;
          .reg .b32 %r<9>;
          .reg .f32 %f<9>;
          .reg .b64 %rd<9>;
          .reg .f64 %fd<9>;
          .shared .align 4 .b8 s[16];
          .shared .align 4 .u32 t;
          ld.param.u64 %rd1, [k_param_0];
          mov.u32 %r1, %tid.x;
          mul.wide.u32 %rd2, %r1, 4;
          add.s64 %rd3, %rd1, %rd2;
        """ + body + "\n  ret;\n}\n").kernel("k");
  }

  private void run(String body, int blocks, int threads, Schedule.Order order, boolean races) {
    MemorySegment arguments = MemorySegment.ofArray(new long[] {out.address()});
    new Launch(kernel(body), blocks, threads, arguments, memory, races).run(Schedule.of(order), 100_000);
  }

  private int word(int i) {
    return out.get(ValueLayout.JAVA_INT, 4L * i);
  }

  private void assertRefused(String body, int threads, boolean races, String... words) {
    PtxException refused =
        assertThrows(PtxException.class, () -> run(body, 2, threads, Schedule.Order.INTERLEAVED, races));
    for (String word : words) {
      assertTrue(refused.getMessage().contains(word), refused.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "mov.f32 %f1, 0f3F800000; div.rn.f32 %f2, %f1, 0f40400000; mov.b32 %r2, %f2; | 3EAAAAAB",
      "mov.f32 %f1, 0f00000001; mul.rn.f32 %f2, %f1, 0f3F000000; mov.b32 %r2, %f2; | 0",
      "mov.f32 %f1, 0fFF800000; sub.rn.f32 %f2, %f1, %f1; mov.b32 %r2, %f2; | 7FFFFFFF",
      "mov.f64 %fd1, 0d3FF0000010000001; cvt.rn.f32.f64 %f2, %fd1; mov.b32 %r2, %f2; | 3F800001",
      "mov.f64 %fd1, 0d43F0000000000000; cvt.rzi.u64.f64 %rd4, %fd1; shr.u64 %rd5, %rd4, 32; cvt.u32.u64 %r2, %rd5;"
          + " | FFFFFFFF",
      "mov.u32 %r3, -1; cvt.rn.f32.u32 %f2, %r3; mov.b32 %r2, %f2; | 4F800000",
      "mov.f32 %f1, 0f80000000; min.f32 %f2, 0f00000000, %f1; mov.b32 %r2, %f2; | 80000000",
      "mov.f32 %f1, 0fBF800000; copysign.f32 %f2, %f1, 0f40000000; mov.b32 %r2, %f2; | C0000000",
      "mov.u32 %r3, 40; mov.u32 %r4, -1; shr.u32 %r2, %r4, %r3; | 0",
      "mov.u32 %r3, -8; shr.s32 %r2, %r3, 1; | FFFFFFFC",
      "mov.f64 %fd1, 0d3FF0000000000000; mov.b64 {%r3, %r2}, %fd1; | 3FF00000"})
  void instructionsGiveTheirBits(String code, String bits) {
    run(code + " st.global.u32 [%rd1], %r2;", 1, 1, Schedule.Order.ASCENDING, false);
    assertEquals(Integer.parseUnsignedInt(bits, 16), word(0));
  }

  @Test
  void lanesPartAndMeetAgain() {
    run("""
        and.b32 %r2, %r1, 1;
        setp.eq.s32 %p1, %r2, 0;
        mov.u32 %r3, 7;
        @%p1 bra EVEN;
        mov.u32 %r3, 100;
        bra.uni BOTH;
        EVEN:
        add.s32 %r3, %r3, %r1;
        BOTH:
        bar.warp.sync -1;
        shfl.sync.down.b32 %r4|%p2, %r3, 1, 31, -1;
        st.global.u32 [%rd3], %r4;
        """, 1, 64, Schedule.Order.RANDOM, false);
    assertEquals(100, word(0));
    assertEquals(7 + 2, word(1));
    assertEquals(100, word(31), "the last lane reads itself");
    assertEquals(7 + 62, word(61));
  }

  @Test
  void whatLanesReadAtOneAddressAllOfThemGet() {
    out.set(ValueLayout.JAVA_INT, 4 * 100, 0x1234FFFE);
    run("""
        mov.u32 %r2, 5;
        mov.u32 %r3, 6;
        mov.u32 %r4, 7;
        and.b32 %r5, %r1, 1;
        setp.eq.s32 %p1, %r5, 0;
        ld.global.s16 %r2, [%rd1+400];
        @%p1 ld.global.u16 %r3, [%rd1+402];
        @!%p1 ld.global.v2.u32 {%r3, %r4}, [%rd1+400];
        add.s32 %r6, %r2, %r3;
        st.global.u32 [%rd3], %r6;
        """, 1, 64, Schedule.Order.ASCENDING, false);
    for (int i = 0; i < 64; i += 2) {
      assertEquals(-2 + 0x1234, word(i), "thread " + i);
      assertEquals(-2 + 0x1234FFFE, word(i + 1), "thread " + (i + 1));
    }
  }

  @Test
  void atomicsCountAllThreads() {
    run("atom.global.add.u32 %r2, [%rd1], 1;", 3, 128, Schedule.Order.INTERLEAVED, true);
    assertEquals(384, word(0));
  }

  @Test
  void whatIsNotKnownIsNamed() {
    for (String unknown : new String[] {"add.f32 %f1, %f1, %f1;", "add.rz.f32 %f1, %f1, %f1;", "tanh.approx.f32 %f1, %f1;",
        "ld.global.cx.u32 %r1, [%rd1];", "mul.rn.ftz.f32 %f1, %f1, %f1;", "add.s32 %r2, %r1, %rd1;",
        "atom.global.add.f32 %f1, [%rd1], %f1;", "mov.u32 %r2, %clock;", "bra NOWHERE;"}) {
      PtxException refused = assertThrows(PtxException.class, () -> kernel(unknown), unknown);
      assertTrue(unknown.contains("NOWHERE") || refused.getMessage().contains(unknown.replace(";", "")),
          refused.getMessage());
    }
  }

  @Test
  void accessesThatLeaveTheirMemoryOrTheirAlignmentFail() {
    assertRefused("st.global.u32 [%rd3+2], %r1;", 1, false, "multiple of 4", "thread 0");
    assertRefused("st.global.u32 [%rd3+512], %r1;", 1, false, "not in one allocation");
    assertRefused("ld.global.u32 %r2, [%rd3+-4];", 1, false, "not in one allocation");
    assertRefused("ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd3+4];", 1, false, "multiple of 16");
    assertRefused("ld.global.u32 %r2, [%rd1+512];", 32, false, "not in one allocation");
    assertRefused("ld.global.u32 %r2, [%rd1+2];", 32, false, "multiple of 4");
    assertRefused("ld.shared.u32 %r2, [s+16];", 1, false, "shared memory");
    assertRefused("ld.param.u64 %rd4, [k_param_0+8];", 1, false, "param memory");
  }

  @Test
  void sharedMemoryStartsAsGarbage() {
    run("ld.shared.u32 %r2, [t]; st.global.u32 [%rd1], %r2;", 1, 1, Schedule.Order.ASCENDING, false);
    assertTrue(word(0) != 0);
  }

  @Test
  void waitingInVainIsSeen() {
    assertRefused("setp.lt.u32 %p1, %r1, 5; @%p1 bar.warp.sync -1;", 32, false, "bar.warp.sync");
    assertRefused("setp.lt.u32 %p1, %r1, 32; @%p1 bra END; bar.sync 0; END:", 64, false, "waits in vain", "bar.sync 0");
    assertRefused("setp.lt.u32 %p1, %r1, 16; @%p1 bra A; bar.sync 0; bra B; A: bar.sync 0; B:", 32, false, "apart");
    assertRefused("L: bra L;", 1, false, "has not ended");
  }

  /** A word passed from each thread block to the next: only both fences and the atomic order its accesses. */
  @Test
  void theRaceDetectorKnowsWhatOrders() {
    String pass = """
        ld.global.u32 %r5, [%rd1+4];
        membar.gl;
        atom.global.inc.u32 %r2, [%rd1], 1;
        setp.ne.s32 %p1, %r2, 1;
        @%p1 bra END;
        membar.gl;
        st.global.u32 [%rd1+4], %r2;
        END:""";
    run(pass, 2, 1, Schedule.Order.INTERLEAVED, true);
    assertRefused(pass.replaceFirst("membar.gl;", ""), 1, true, "race", "thread block");
    assertRefused(pass.replaceFirst("(?s)(.*)membar.gl;", "$1"), 1, true, "race", "st.global.u32");
    assertRefused(pass.replace("membar.gl", "membar.cta"), 1, true, "race");
    assertRefused("st.global.u32 [%rd1], %r1;", 2, true, "race");
    assertRefused("ld.global.nc.u32 %r2, [%rd3]; st.global.u32 [%rd3], %r2;", 1, true, "cache");
    run("st.shared.u32 [t], %r1; ld.shared.u32 %r2, [t];", 2, 1, Schedule.Order.INTERLEAVED, true);
  }

  @Test
  void longCommentsAreReadInPassing() {
    String comments = "// of a compiler that leaves the source's lines in what it writes\n".repeat(20_000);
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertEquals(List.of("k"), new PtxModule(
        ".version 7.0\n" + comments + ".target sm_75\n.address_size 64\n" + comments
            + ".visible .entry k()\n{\n" + comments + "  ret;\n}\n" + comments).names()));
  }
}
