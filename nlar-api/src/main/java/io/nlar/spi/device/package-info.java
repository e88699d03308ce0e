/** Bases of devices and buffers: checks, lifetimes, and the one lock under which a device's calls run. */
package io.nlar.spi.device;
