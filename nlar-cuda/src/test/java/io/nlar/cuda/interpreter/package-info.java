/**
 * An interpreter of PTX text: what the GPU's assembler gets is executed here, one instruction at a time, by the rules of
 * NVIDIA's PTX ISA. What it does not know it refuses by name; what a GPU would fault on, hang at or leave undefined is an
 * error too.
 */
package io.nlar.cuda.interpreter;
