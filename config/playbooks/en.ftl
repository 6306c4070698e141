# Playbooks: likely needs, how to talk, and plan templates [AC-2] [AC-3] [NF-12].
# Copy this file to the home folder and change what your company does differently. A feature of your own model gets
# its texts under need-, strategy- and opening- with its name; until then the generic texts are shown.

## Likely needs: questions to have in mind, never facts about the person
need-generic = Something at work may have changed. Find out what before you think of an offer.
need-resume-updates-90d = May be comparing what is on offer elsewhere: room to grow, recognition, or a better role.
need-attendance-growth = May be worn out, have a burden outside work, or be taking time for interviews. Do not guess which.
need-performance-drop = May lack support, clear goals or a reason to try: is the work itself still right?
need-performance-falling-quarters = A long slide often means that growth has stopped: promotion, a new task, or recognition that never came.
need-pay-gap = May feel paid below the market. Pay is often what is said first, and seldom all of it.

## Talk strategy: first understand the need, then offer
strategy-generic = First understand the need, then offer. Ask about recent work, listen, then ask what is missing.
strategy-resume-updates-90d = Never mention résumés or job sites. Ask where the person wants to be in two years, and what here stands in the way.
strategy-attendance-growth = Start with care, not with the record of attendance. Ask how the load is, and offer relief before you speak of rules.
strategy-performance-drop = Ask about recent work first: what went well, what got in the way. Agree on one thing that you will remove.
strategy-performance-falling-quarters = Name a contribution from the last year that you value. Then ask what has gone unrecognised, and since when.
strategy-pay-gap = Let the person raise pay. Have the market range at hand, promise nothing in the talk, and say when you will come back with an answer.

## Opening sentences
opening-generic = I would like half an hour to hear how your work is going. What has been on your mind lately?
opening-resume-updates-90d = We have not talked about your plans for a while. What would you like to be doing next?
opening-attendance-growth = It has been a busy stretch. How are you, and how is the load?
opening-performance-drop = Tell me about the last weeks. What went well, and what made it hard?
opening-performance-falling-quarters = You have carried a lot over the last year. What did you wish had come of it?
opening-pay-gap = I want to understand what matters most to you in this job now. What would you change first?

## The talk itself
talk-question-work = How has your work been lately?
talk-question-needs = What do you need that you do not get at present?
talk-question-future = What would make you glad to be here in a year?
talk-close = Say what happens next and by when, and write it down the same day.
summary-talk-3-days = Talk within 3 days. A short, calm talk today is worth more than a perfect offer next week.
summary-understand-first = First understand the need, then offer. Promise nothing that has not been approved.

## Reading the report [NF-12]
help-read-report = The factors show what pushed the score and by how much. Check the missing inputs first: with little known, the score says little.
help-make-plan = One plan, one need. Say what will change, who sees to it and by when. Someone else approves it before it is promised.

## Plan templates: fill in the places in square brackets
template-promotion-path-title = Promotion path
template-promotion-path =
    Goal: [post or grade] by [date].
    What counts: [two or three results that can be checked].
    Support: mentor [name], review every [month].
    If the results are there on the date, the promotion is put forward that quarter.
template-project-authority-title = Project authority
template-project-authority =
    Project: [name], from [date].
    Authority: decides on [scope] without asking; budget up to [amount].
    Reports to: [name], every [two weeks].
    Success is: [result] by [date].
template-training-title = Training
template-training =
    Subject: [skill that the person asked for].
    Course or mentor: [name], [hours] in working time, starting [date].
    Put to use in: [task or project].
    We look at the result together on [date].
template-pay-title = Pay
template-pay =
    Present pay against the market for the post: [figure].
    Proposal: [percent or amount], from [date].
    Reason: [results and market], not the risk of leaving.
    Fairness: [colleagues in the same post who must be looked at too].
template-transfer-title = Transfer
template-transfer =
    From [team] to [team], as [post], from [date].
    What the person gains: [need from the talk].
    Handover: to [name], finished by [date].
    Way back: within [weeks], both sides may end the trial.
