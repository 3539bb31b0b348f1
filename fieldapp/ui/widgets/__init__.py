"""Pieces that screens are made of, and the stable names by which tests and screen readers find every control.

Names are given with `layout.mark` (a Semantics identifier). `<n>` counts from 1 in the order shown, `<name>` is a
question's or repeat's name in the form, `<value>` a choice's value. In a repeat a name is followed by the number of
its instance, if that is not the first (`age`, `age-2`); in a repeat within a repeat by all numbers (`age-1-2`).

    everywhere   safe · busy · home · error-close · confirm-yes · confirm-no
    enrol        server · code · enrol · language-zh_cn · language-en
    today        students · classes · outbox · settings · task-<n> · draft-<n>
    sync         sync · sync-cancel · sync-progress · sync-done · sync-problem · sync-stopped · sync-attention
    students     search · student-<n>
    student      start-visit · start-other · start-<form_id> · start-cancel · returned-<n> · task-<n> · draft-<n>
                 call-<n> · event-<n> · sibling-<n>
    visit        section · saved · remark · go-back · go-next · read · problem-<name>
    question     q-<name> · q-<name>-<value> (a choice) · q-<name>-search · q-<name>-less · q-<name>-more
                 q-<name>-today · q-<name>-tomorrow · q-<name>-clear · q-<name>-photo (the picture kept)
                 q-<name>-camera · q-<name>-remove; `q-<name>` itself opens the file chooser, calendar or pad
                 q-<name>-kept (the voice note or document kept) · q-<name>-record · q-<name>-running
                 q-<name>-stop · q-<name>-play · q-<name>-hush
    repeat       repeat-<name>-add · repeat-<name>-remove-<n> (its instance n)
    camera       viewfinder · shoot · camera-back
    read         readback · read-done · read-wrong
    sign         signer · pad · sign-kept · sign-clear · sign-restore · sign-done
    finish       fix-<n> · seal · go-back · discard
    sealed       sealed · outbox · home
    classes      class-<n> · session-<n> · earlier-<n> · lesson-<n>
    headcount    seat-<n> · kind-<n>-<kind> · kind-<n>-more · source-<value> · reporter · heads · heads-less
                 heads-more · all-present · review · seal · go-back · leave-off · reason · figure-expected
                 figure-present · figure-away · call-<n> · note-call-<n> · visit-today-<n> · absent-<n> · version-<n>
                 correct
    leave        leave-<n> · ask-leave · kind-<value> · first-<n> · first-pick · last-<n> · last-pick · reason
                 asked_by · asker-<n> · proof-<value> · check-leave · seal · call-<n>-<n> · verify-<n> · end-<n>
                 on-<n> · withdraw-<n> · why
    step         because · by-<value> · on-<n> · on-pick · check-step · seal; on the child's page: leave · step-<act>
                 refused-<act>
    outbox       visit-<n> · receipt-<number> · continue-<n> · discard-<n> · supplement-<n>
    settings     text-false · text-true (big) · mode-false · mode-true (dark) · language-zh_cn · language-en
                 diagnostics
"""
