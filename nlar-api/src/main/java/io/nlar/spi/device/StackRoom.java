package io.nlar.spi.device;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Constructor;

/**
 * Whether the stack has room for a whole call. Where it has not, {@link StackOverflowError} comes before anything is
 * begun, and not in the middle of it, where not even a lock could be given back.
 *
 * <p>The JVM makes sure of a method's whole frame when it enters the method, also of the frame that compiled code would
 * need if it were interpreted from there on. So a method with a large frame that is never filled is all it takes, and
 * compiled code spends one access on it. No source declares that many variables; the method is made here.
 */
final class StackRoom {
  /** Of these, 8 bytes each, a call takes less than a half, also where it is interpreted and loads classes. */
  private static final int SLOTS = 4096;

  private static final Frame FRAME = make();
  // Neither final nor constant, or the compiler would drop the frame's use.
  private static boolean filled;

  private StackRoom() {}

  /** A method with a large frame. */
  interface Frame {
    void enter(boolean fill);
  }

  /**
   * Does nothing where the stack has room.
   *
   * @throws StackOverflowError if not
   */
  static void require() {
    FRAME.enter(filled);
  }

  private static Frame make() {
    ClassDesc name = ClassDesc.of(StackRoom.class.getPackageName(), "LargeFrame");
    byte[] code = ClassFile.of().build(name, type -> type
        .withFlags(AccessFlag.FINAL, AccessFlag.SYNTHETIC)
        .withInterfaceSymbols(ClassDesc.of(Frame.class.getName()))
        .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, body -> body
            .aload(0).invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void).return_())
        .withMethodBody("enter", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_boolean), ClassFile.ACC_PUBLIC,
            // It ends in a throw, since compilers count the frames only of places that can be interpreted from there on.
            body -> body.iload(1).ifThen(then -> then.lconst_0().lstore(SLOTS - 2).aconst_null().athrow()).return_()));
    try {
      MethodHandles.Lookup made = MethodHandles.lookup().defineHiddenClass(code, true);
      Constructor<?> constructor = made.lookupClass().getDeclaredConstructor();
      return (Frame) constructor.newInstance();
    } catch (ReflectiveOperationException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
