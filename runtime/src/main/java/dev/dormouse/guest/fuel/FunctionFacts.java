package dev.dormouse.guest.fuel;

/**
 * What a first look at a function body found.
 *
 * @param frameSlots words of its JVM frame: parameters, locals and the deepest operand stack
 * @param locals parameters and locals
 * @param instructions how many
 * @param assignedBytes bytes of the values that it assigns to locals, each assignment counted
 * @param linearCost cost of all its instructions together, those of callees not included
 * @param callees functions that it calls directly, each once
 * @param indirect types that it calls through tables or references, each once
 * @param hasLoop whether it has a loop
 * @param hasBulk whether the cost of an instruction hangs on an operand
 * @param hasTry whether it has a try_table
 */
record FunctionFacts(
    int frameSlots,
    int locals,
    int instructions,
    int assignedBytes,
    long linearCost,
    int[] callees,
    int[] indirect,
    boolean hasLoop,
    boolean hasBulk,
    boolean hasTry) {}
