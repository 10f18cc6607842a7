package io.nereid.backend.scheduler;

/** The work of a passive instance: none, ever (schedulers section 2). */
final class PassiveSource implements BatchSource {
    @Override
    public Work take(Taker taker) {
        return Work.NONE;
    }

    @Override
    public boolean awaitWork(Taker taker) {
        return false;
    }

    @Override
    public boolean hasWork() {
        return false;
    }

    @Override
    public Work poll() {
        return Work.NONE;
    }

    @Override
    public void wake() {}
}
