/**
 * The contract suite: what every backend must do, as tests. A backend extends
 * {@link io.nlar.testkit.contract.DeviceContract} with one small class that opens its device; the topics are interfaces
 * with default test methods.
 */
package io.nlar.testkit.contract;
