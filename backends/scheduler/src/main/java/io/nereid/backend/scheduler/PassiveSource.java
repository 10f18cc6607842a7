package io.nereid.backend.scheduler;

import java.util.function.BooleanSupplier;

/** The work of a passive instance: none, ever (schedulers section 2). */
final class PassiveSource implements BatchSource {
    @Override
    public Work take(BooleanSupplier retired) {
        return Work.NONE;
    }

    @Override
    public boolean awaitWork(BooleanSupplier retired) {
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
