/** The settings: own places, when to tell, pauses, folders, marks, and what was decided, which can be taken back. */

import { localize } from "../shared/localize.js";
import { showAbout } from "./about.js";
import { manageDecisions } from "./decisions.js";
import { manageEvidence } from "./evidence.js";
import { manageFetching } from "./fetching.js";
import { manageFolders } from "./folders.js";
import { managePauses } from "./pauses.js";
import { managePlaces } from "./places.js";
import { manageRebuild } from "./rebuild.js";
import { manageRechecking } from "./recheck.js";
import { manageTelling } from "./telling.js";

localize();
await Promise.all([
  managePlaces(),
  manageTelling(),
  manageRechecking(),
  managePauses(),
  manageFolders(),
  manageRebuild(),
  manageFetching(),
  manageEvidence(),
  manageDecisions(),
  showAbout(),
]);
document.body.dataset.isReady = "true";
