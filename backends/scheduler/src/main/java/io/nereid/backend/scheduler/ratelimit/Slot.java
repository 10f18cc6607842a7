package io.nereid.backend.scheduler.ratelimit;

/** An instance as {@link SlotAllocator} knows it, which alone changes it. */
final class Slot {
    /** What the instance does. */
    enum State {
        /** It executes nothing and does not want to. */
        IDLE,
        /** It has work and waits for its resources. */
        STAGED,
        /** It has its resources. */
        ALLOCATED
    }

    private final InstanceDemand demand;

    /** Key at which it came in. */
    private final long base;

    private State state = State.IDLE;
    private long executions;
    private long turn;

    Slot(InstanceDemand demand, long base) {
        this.demand = demand;
        this.base = base;
    }

    InstanceDemand demand() {
        return demand;
    }

    State state() {
        return state;
    }

    /** Executions that have ended. */
    long executions() {
        return executions;
    }

    /** What decides who comes first: the lowest does. */
    long key() {
        long high = Math.multiplyHigh(executions, demand.priority());
        long sum = base + executions * demand.priority();
        return high != 0 || sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** What decides among equal keys: who was staged first. */
    long turn() {
        return turn;
    }

    void staged(long newTurn) {
        transition(State.IDLE, State.STAGED);
        turn = newTurn;
    }

    void unstaged() {
        transition(State.STAGED, State.IDLE);
    }

    void allocated() {
        transition(State.STAGED, State.ALLOCATED);
    }

    void released(boolean executed) {
        transition(State.ALLOCATED, State.IDLE);
        executions += executed ? 1 : 0;
    }

    private void transition(State from, State next) {
        if (state != from) {
            throw new IllegalStateException("an instance becomes " + next + " but is " + state);
        }
        state = next;
    }
}
